import {
  type BodyOf,
  createWorkspace,
  deleteWorkspace,
  listWorkspaces,
  type ResultOf,
  updateWorkspace,
} from '@latchkey/contract';
import type { Requester } from '../request.ts';

/** The workspace of the credential, and new ones. */
export class Workspaces {
  readonly #requester: Requester;

  constructor(requester: Requester) {
    this.#requester = requester;
  }

  /** Makes a workspace. With a key the answer has the first key of the new workspace, this once; a token enters it by itself. */
  async create(body: BodyOf<typeof createWorkspace>): Promise<ResultOf<typeof createWorkspace>> {
    const { result } = await this.#requester.call(createWorkspace, { body });
    return result;
  }

  async list(): Promise<ResultOf<typeof listWorkspaces>> {
    const { result } = await this.#requester.call(listWorkspaces, {});
    return result;
  }

  /** Changes the credential's workspace; what is left out stays. */
  async update(body: BodyOf<typeof updateWorkspace>): Promise<ResultOf<typeof updateWorkspace>> {
    const { result } = await this.#requester.call(updateWorkspace, { body });
    return result;
  }

  /** For ever, and with all of its keys, the credential too. */
  async delete(workspaceId: string): Promise<ResultOf<typeof deleteWorkspace>> {
    const { result } = await this.#requester.call(deleteWorkspace, { params: { workspaceId } });
    return result;
  }
}

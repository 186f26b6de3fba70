import {
  type BodyOf,
  createWorkspace,
  deleteWorkspace,
  listWorkspaces,
  type QueryOf,
  type ResultOf,
  updateWorkspace,
  type WorkspaceBody,
} from '@latchkey/contract';
import { itemsOf, type PagePlace } from '../pages.ts';
import type { CreateOptions, Requester } from '../request.ts';

/** The workspace of the credential, and new ones. */
export class Workspaces {
  readonly #requester: Requester;

  constructor(requester: Requester) {
    this.#requester = requester;
  }

  /** Makes a workspace. With a key the answer has the first key of the new workspace, this once; a token enters it by itself. */
  async create(
    body: BodyOf<typeof createWorkspace>,
    options: CreateOptions = {},
  ): Promise<ResultOf<typeof createWorkspace>> {
    const { result } = await this.#requester.call(createWorkspace, { body, ...options });
    return result;
  }

  /** One page, in the order in which you became a member: up to 1,000 of them, unless asked otherwise. */
  async list(query: QueryOf<typeof listWorkspaces> = {}): Promise<ResultOf<typeof listWorkspaces>> {
    const { result } = await this.#requester.call(listWorkspaces, { query });
    return result;
  }

  /** Every workspace, page by page. */
  listAll(): AsyncGenerator<WorkspaceBody, void, undefined> {
    const read = (place: PagePlace) => this.list(place);
    return itemsOf(read, ({ workspaces }) => workspaces);
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

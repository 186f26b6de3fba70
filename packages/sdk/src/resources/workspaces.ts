import {
  type BodyOf,
  createWorkspace,
  deleteWorkspace,
  getWorkspaceUsage,
  listWorkspaces,
  type QueryOf,
  type ResultOf,
  updateWorkspace,
  type WorkspaceBody,
} from '@latchkey/contract';
import { itemsOf, type PagePlace } from '../pages.ts';
import {
  type CreateOptions,
  changeQuery,
  type DryRunOption,
  type Requester,
  type WaitOption,
} from '../request.ts';

/** The workspace of the credential, and new ones. */
export class Workspaces {
  readonly #requester: Requester;

  constructor(requester: Requester) {
    this.#requester = requester;
  }

  /** Creates a workspace. Called with a key, the result has the first key of the new workspace; with a token, it has none. */
  async create(
    body: BodyOf<typeof createWorkspace>,
    options: CreateOptions = {},
  ): Promise<ResultOf<typeof createWorkspace>> {
    const { result } = await this.#requester.call(createWorkspace, { body, ...options });
    return result;
  }

  /** One page, in the order in which you became a member; up to 1,000 by default. */
  async list(query: QueryOf<typeof listWorkspaces> = {}): Promise<ResultOf<typeof listWorkspaces>> {
    const { result } = await this.#requester.call(listWorkspaces, { query });
    return result;
  }

  /** Every workspace, read page by page. */
  listAll(): AsyncGenerator<WorkspaceBody, void, undefined> {
    const read = (place: PagePlace) => this.list(place);
    return itemsOf(read, ({ workspaces }) => workspaces);
  }

  /** Changes the credential's workspace. A field that is left out is unchanged. */
  async update({
    dryRun,
    wait,
    ...body
  }: BodyOf<typeof updateWorkspace> & DryRunOption & WaitOption): Promise<ResultOf<typeof updateWorkspace>> {
    const query = changeQuery({ dryRun, wait });
    const { result } = await this.#requester.call(updateWorkspace, { body, query });
    return result;
  }

  /** The verdicts of all keys by time and code, the keys with the most of them, and the most denials; by default of 24 hours. */
  async usage(query: QueryOf<typeof getWorkspaceUsage> = {}): Promise<ResultOf<typeof getWorkspaceUsage>> {
    const { result } = await this.#requester.call(getWorkspaceUsage, { query });
    return result;
  }

  /** Deletes the workspace and all of its keys permanently, including the credential. */
  async delete(workspaceId: string, { wait }: WaitOption = {}): Promise<ResultOf<typeof deleteWorkspace>> {
    const query = changeQuery({ wait });
    const { result } = await this.#requester.call(deleteWorkspace, { params: { workspaceId }, query });
    return result;
  }
}

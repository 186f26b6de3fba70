import {
  type BodyOf,
  listMembers,
  type MemberBody,
  type QueryOf,
  type ResultOf,
  removeMember,
  updateMember,
} from '@latchkey/contract';
import { itemsOf, type PagePlace } from '../pages.ts';
import { changeQuery, type DryRunOption, type Requester, type WaitOption } from '../request.ts';

/** The members of a workspace and their roles. */
export class Members {
  readonly #requester: Requester;

  constructor(requester: Requester) {
    this.#requester = requester;
  }

  /** One page, in the order in which they joined; up to 1,000 by default. */
  async list(
    workspaceId: string,
    query: QueryOf<typeof listMembers> = {},
  ): Promise<ResultOf<typeof listMembers>> {
    const { result } = await this.#requester.call(listMembers, { params: { workspaceId }, query });
    return result;
  }

  /** Every member, read page by page, in the order in which they joined. */
  listAll(workspaceId: string): AsyncGenerator<MemberBody, void, undefined> {
    const read = (place: PagePlace) => this.list(workspaceId, place);
    return itemsOf(read, ({ members }) => members);
  }

  /** Changes the role, or suspends or reactivates. LAST_OWNER if no active owner would remain; LAST_MANAGING_KEY. */
  async update(
    workspaceId: string,
    userId: string,
    { dryRun, wait, ...body }: BodyOf<typeof updateMember> & DryRunOption & WaitOption,
  ): Promise<ResultOf<typeof updateMember>> {
    const params = { workspaceId, userId };
    const query = changeQuery({ dryRun, wait });
    const { result } = await this.#requester.call(updateMember, { params, body, query });
    return result;
  }

  /** Removes the member and permanently revokes every key that they own in the workspace. */
  async remove(
    workspaceId: string,
    userId: string,
    { dryRun, wait, ...body }: NonNullable<BodyOf<typeof removeMember>> & DryRunOption & WaitOption = {},
  ): Promise<ResultOf<typeof removeMember>> {
    const params = { workspaceId, userId };
    const query = changeQuery({ dryRun, wait });
    const { result } = await this.#requester.call(removeMember, { params, body, query });
    return result;
  }
}

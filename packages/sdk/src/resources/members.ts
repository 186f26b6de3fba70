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
import type { Requester } from '../request.ts';

/** Who belongs to a workspace, and as what. */
export class Members {
  readonly #requester: Requester;

  constructor(requester: Requester) {
    this.#requester = requester;
  }

  /** One page, in the order in which they came: up to 1,000 of them, unless asked otherwise. */
  async list(
    workspaceId: string,
    query: QueryOf<typeof listMembers> = {},
  ): Promise<ResultOf<typeof listMembers>> {
    const { result } = await this.#requester.call(listMembers, { params: { workspaceId }, query });
    return result;
  }

  /** Every member, page by page, in the order in which they came. */
  listAll(workspaceId: string): AsyncGenerator<MemberBody, void, undefined> {
    const read = (place: PagePlace) => this.list(workspaceId, place);
    return itemsOf(read, ({ members }) => members);
  }

  /** Another role, suspension, or the way back. LAST_OWNER where no active owner would be left; LAST_MANAGING_KEY. */
  async update(
    workspaceId: string,
    userId: string,
    body: BodyOf<typeof updateMember>,
  ): Promise<ResultOf<typeof updateMember>> {
    const { result } = await this.#requester.call(updateMember, { params: { workspaceId, userId }, body });
    return result;
  }

  /** With every key that they own in the workspace, for ever. */
  async remove(
    workspaceId: string,
    userId: string,
    body?: BodyOf<typeof removeMember>,
  ): Promise<ResultOf<typeof removeMember>> {
    const { result } = await this.#requester.call(removeMember, {
      params: { workspaceId, userId },
      ...(body && { body }),
    });
    return result;
  }
}

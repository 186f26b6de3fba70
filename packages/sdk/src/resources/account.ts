import {
  type BodyOf,
  declineOffer,
  getAccount,
  joinOffer,
  leaveWorkspace,
  type ResultOf,
  setDefaultWorkspace,
} from '@latchkey/contract';
import type { Requester } from '../request.ts';

/** The person across workspaces. The client's credential must be a token of the identity provider: keys prove nobody. */
export class Account {
  readonly #requester: Requester;

  constructor(requester: Requester) {
    this.#requester = requester;
  }

  /** The account's members, and those that it is offered. */
  async show(): Promise<ResultOf<typeof getAccount>> {
    const { result } = await this.#requester.call(getAccount, {});
    return result;
  }

  /** Where the token acts from now on, if it names no workspace. NOT_FOUND unless the account has a member there. */
  async setDefault(body: BodyOf<typeof setDefaultWorkspace>): Promise<ResultOf<typeof setDefaultWorkspace>> {
    const { result } = await this.#requester.call(setDefaultWorkspace, { body });
    return result;
  }

  /** Makes an offered member one of the account. NOT_FOUND for a member that is not offered. */
  async join(id: string): Promise<ResultOf<typeof joinOffer>> {
    const { result } = await this.#requester.call(joinOffer, { params: { id } });
    return result;
  }

  /** The offer is not shown again. NOT_FOUND for a member that is not offered. */
  async decline(id: string): Promise<ResultOf<typeof declineOffer>> {
    const { result } = await this.#requester.call(declineOffer, { params: { id } });
    return result;
  }

  /** Revokes the member's keys in the workspace. LAST_OWNER if no active owner would be left; LAST_MANAGING_KEY. */
  async leave(
    workspaceId: string,
    body: NonNullable<BodyOf<typeof leaveWorkspace>> = {},
  ): Promise<ResultOf<typeof leaveWorkspace>> {
    const { result } = await this.#requester.call(leaveWorkspace, { params: { workspaceId }, body });
    return result;
  }
}

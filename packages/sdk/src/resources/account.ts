import {
  type BodyOf,
  declineOffer,
  getAccount,
  joinOffer,
  leaveWorkspace,
  type ResultOf,
  setDefaultWorkspace,
  switchWorkspace,
} from '@latchkey/contract';
import type { Requester } from '../request.ts';

/** The account of a person. The credential of the client must be an identity provider token, because keys prove no account. */
export class Account {
  readonly #requester: Requester;

  constructor(requester: Requester) {
    this.#requester = requester;
  }

  /** The members of the account, and its offers. */
  async show(): Promise<ResultOf<typeof getAccount>> {
    const { result } = await this.#requester.call(getAccount, {});
    return result;
  }

  /** Sets the workspace in which tokens that name none act. NOT_FOUND if the account has no member there. */
  async setDefault(body: BodyOf<typeof setDefaultWorkspace>): Promise<ResultOf<typeof setDefaultWorkspace>> {
    const { result } = await this.#requester.call(setDefaultWorkspace, { body });
    return result;
  }

  /** Switches the session of the page to another workspace: the response sets the cookie of a new session. */
  async switchTo(workspaceId: string): Promise<ResultOf<typeof switchWorkspace>> {
    const { result } = await this.#requester.call(switchWorkspace, { body: { workspaceId } });
    return result;
  }

  /** Claims an offered member for the account. NOT_FOUND for a member that is not offered. */
  async join(id: string): Promise<ResultOf<typeof joinOffer>> {
    const { result } = await this.#requester.call(joinOffer, { params: { id } });
    return result;
  }

  /** Hides the offer permanently. NOT_FOUND for a member that is not offered. */
  async decline(id: string): Promise<ResultOf<typeof declineOffer>> {
    const { result } = await this.#requester.call(declineOffer, { params: { id } });
    return result;
  }

  /** Leaves the workspace and revokes the keys there. LAST_OWNER if no active owner would remain; LAST_MANAGING_KEY. */
  async leave(
    workspaceId: string,
    body: NonNullable<BodyOf<typeof leaveWorkspace>> = {},
  ): Promise<ResultOf<typeof leaveWorkspace>> {
    const { result } = await this.#requester.call(leaveWorkspace, { params: { workspaceId }, body });
    return result;
  }
}

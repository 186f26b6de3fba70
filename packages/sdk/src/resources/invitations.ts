import {
  acceptInvitation,
  type BodyOf,
  createInvitation,
  listInvitations,
  type ResultOf,
  revokeInvitation,
} from '@latchkey/contract';
import type { Requester } from '../request.ts';

/** How people come into the workspace of the credential. */
export class Invitations {
  readonly #requester: Requester;

  constructor(requester: Requester) {
    this.#requester = requester;
  }

  /** `invitation.token` is shown this once. `emailWarning` says why no e-mail went out. */
  async create(body: BodyOf<typeof createInvitation>): Promise<ResultOf<typeof createInvitation>> {
    const { result } = await this.#requester.call(createInvitation, { body });
    return result;
  }

  /** The newest first, whatever became of them. */
  async list(): Promise<ResultOf<typeof listInvitations>> {
    const { result } = await this.#requester.call(listInvitations, {});
    return result;
  }

  /** Repeating it gives the same answer. CONFLICT where it has been accepted. */
  async revoke(id: string): Promise<ResultOf<typeof revokeInvitation>> {
    const { result } = await this.#requester.call(revokeInvitation, { params: { id } });
    return result;
  }

  /** Works once. The token is what counts here, whoever the client's credential is. */
  async accept(body: BodyOf<typeof acceptInvitation>): Promise<ResultOf<typeof acceptInvitation>> {
    const { result } = await this.#requester.call(acceptInvitation, { body });
    return result;
  }
}

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

  /** `invitation.token` and `acceptUrl` are shown this once. `emailWarning` says why no e-mail went out. */
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

  /** Works once. If the client's credential is a token of the identity provider, the member becomes one of its account. */
  async accept(body: BodyOf<typeof acceptInvitation>): Promise<ResultOf<typeof acceptInvitation>> {
    const { result } = await this.#requester.call(acceptInvitation, { body });
    return result;
  }
}

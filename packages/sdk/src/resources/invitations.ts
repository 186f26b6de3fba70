import {
  acceptInvitation,
  type BodyOf,
  createInvitation,
  type InvitationBody,
  listInvitations,
  type QueryOf,
  type ResultOf,
  resendInvitation,
  revokeInvitation,
} from '@latchkey/contract';
import { itemsOf, type PagePlace } from '../pages.ts';
import type { CreateOptions, Requester } from '../request.ts';

/** The invitations to the workspace of the credential. */
export class Invitations {
  readonly #requester: Requester;

  constructor(requester: Requester) {
    this.#requester = requester;
  }

  /** `invitation.token` and `acceptUrl` are shown only once. `emailWarning` is the reason if no e-mail was sent. */
  async create(
    body: BodyOf<typeof createInvitation>,
    options: CreateOptions = {},
  ): Promise<ResultOf<typeof createInvitation>> {
    const { result } = await this.#requester.call(createInvitation, { body, ...options });
    return result;
  }

  /** One page of invitations in any status, newest first; up to 1,000 by default. */
  async list(query: QueryOf<typeof listInvitations> = {}): Promise<ResultOf<typeof listInvitations>> {
    const { result } = await this.#requester.call(listInvitations, { query });
    return result;
  }

  /** Every invitation, read page by page. */
  listAll(): AsyncGenerator<InvitationBody, void, undefined> {
    const read = (place: PagePlace) => this.list(place);
    return itemsOf(read, ({ invitations }) => invitations);
  }

  /** Replaces a pending or expired invitation by a new one with the same address, role and message. */
  async resend(
    id: string,
    { idempotencyKey, ...body }: NonNullable<BodyOf<typeof resendInvitation>> & CreateOptions = {},
  ): Promise<ResultOf<typeof resendInvitation>> {
    const options = idempotencyKey === undefined ? {} : { idempotencyKey };
    const { result } = await this.#requester.call(resendInvitation, { params: { id }, body, ...options });
    return result;
  }

  /** Repeating the call returns the same result. CONFLICT if the invitation has been accepted. */
  async revoke(id: string): Promise<ResultOf<typeof revokeInvitation>> {
    const { result } = await this.#requester.call(revokeInvitation, { params: { id } });
    return result;
  }

  /** Works once. If the client's credential is an identity provider token, the member is linked to its account. */
  async accept(body: BodyOf<typeof acceptInvitation>): Promise<ResultOf<typeof acceptInvitation>> {
    const { result } = await this.#requester.call(acceptInvitation, { body });
    return result;
  }
}

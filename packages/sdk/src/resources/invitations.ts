import {
  acceptInvitation,
  type BodyOf,
  createInvitation,
  type InvitationBody,
  listInvitations,
  type QueryOf,
  type ResultOf,
  revokeInvitation,
} from '@latchkey/contract';
import { itemsOf, type PagePlace } from '../pages.ts';
import type { CreateOptions, Requester } from '../request.ts';

/** How people come into the workspace of the credential. */
export class Invitations {
  readonly #requester: Requester;

  constructor(requester: Requester) {
    this.#requester = requester;
  }

  /** `invitation.token` and `acceptUrl` are shown this once. `emailWarning` says why no e-mail went out. */
  async create(
    body: BodyOf<typeof createInvitation>,
    options: CreateOptions = {},
  ): Promise<ResultOf<typeof createInvitation>> {
    const { result } = await this.#requester.call(createInvitation, { body, ...options });
    return result;
  }

  /** One page, the newest first, whatever became of them: up to 1,000 of them, unless asked otherwise. */
  async list(query: QueryOf<typeof listInvitations> = {}): Promise<ResultOf<typeof listInvitations>> {
    const { result } = await this.#requester.call(listInvitations, { query });
    return result;
  }

  /** Every invitation, page by page. */
  listAll(): AsyncGenerator<InvitationBody, void, undefined> {
    const read = (place: PagePlace) => this.list(place);
    return itemsOf(read, ({ invitations }) => invitations);
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

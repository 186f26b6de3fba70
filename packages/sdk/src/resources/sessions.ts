import {
  type BodyOf,
  createSignInLink,
  deleteSession,
  listSessions,
  type QueryOf,
  type ResultOf,
  requestSignInLink,
  type SessionBody,
} from '@latchkey/contract';
import { itemsOf, type PagePlace } from '../pages.ts';
import type { Requester } from '../request.ts';

/** Where the owner of the credential is signed in, in browsers. All of it takes a key that is as strong as its owner. */
export class Sessions {
  readonly #requester: Requester;

  constructor(requester: Requester) {
    this.#requester = requester;
  }

  /**
   * `signInLink.url` signs in the owner of the key, or the member that `userId` names, once and within 15 minutes; it is
   * shown in this answer only.
   */
  async createSignInLink(
    body: NonNullable<BodyOf<typeof createSignInLink>> = {},
  ): Promise<ResultOf<typeof createSignInLink>> {
    const { result } = await this.#requester.call(createSignInLink, { body });
    return result;
  }

  /** Mails sign-in links to the address, if it is a member's. The answer is the same for every address. */
  async requestSignInLink(email: string): Promise<ResultOf<typeof requestSignInLink>> {
    const { result } = await this.#requester.call(requestSignInLink, { body: { email } });
    return result;
  }

  /** One page, the newest first: up to 1,000 of them, unless asked otherwise. */
  async list(query: QueryOf<typeof listSessions> = {}): Promise<ResultOf<typeof listSessions>> {
    const { result } = await this.#requester.call(listSessions, { query });
    return result;
  }

  /** Every session, page by page. */
  listAll(): AsyncGenerator<SessionBody, void, undefined> {
    const read = (place: PagePlace) => this.list(place);
    return itemsOf(read, ({ sessions }) => sessions);
  }

  /** Ends it at once and for ever. NOT_FOUND where it is over already. */
  async end(sessionId: string): Promise<ResultOf<typeof deleteSession>> {
    const { result } = await this.#requester.call(deleteSession, { params: { sessionId } });
    return result;
  }
}

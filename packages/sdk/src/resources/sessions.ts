import {
  type BodyOf,
  createSession,
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

/** The browser sessions of the credential's owner. A key needs all permissions of its owner, and no expiry or limits. */
export class Sessions {
  readonly #requester: Requester;

  constructor(requester: Requester) {
    this.#requester = requester;
  }

  /**
   * `signInLink.url` works once within 15 minutes, and signs in the owner of the key or the member in `userId`. It is shown
   * only in this response.
   */
  async createSignInLink(
    body: NonNullable<BodyOf<typeof createSignInLink>> = {},
  ): Promise<ResultOf<typeof createSignInLink>> {
    const { result } = await this.#requester.call(createSignInLink, { body });
    return result;
  }

  /** E-mails sign-in links to the address, if it is a member's. The response is the same for every address. */
  async requestSignInLink(email: string): Promise<ResultOf<typeof requestSignInLink>> {
    const { result } = await this.#requester.call(requestSignInLink, { body: { email } });
    return result;
  }

  /** Signs the browser of the page in, with the token of a sign-in link: the response sets its cookie. */
  async open(token: string): Promise<ResultOf<typeof createSession>> {
    const { result } = await this.#requester.call(createSession, { body: { token } });
    return result;
  }

  /** One page, newest first; up to 1,000 by default. */
  async list(query: QueryOf<typeof listSessions> = {}): Promise<ResultOf<typeof listSessions>> {
    const { result } = await this.#requester.call(listSessions, { query });
    return result;
  }

  /** Every session, read page by page. */
  listAll(): AsyncGenerator<SessionBody, void, undefined> {
    const read = (place: PagePlace) => this.list(place);
    return itemsOf(read, ({ sessions }) => sessions);
  }

  /** Ends the session at once. NOT_FOUND if it has already ended. */
  async end(sessionId: string): Promise<ResultOf<typeof deleteSession>> {
    const { result } = await this.#requester.call(deleteSession, { params: { sessionId } });
    return result;
  }
}

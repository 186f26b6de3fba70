import type { IncomingMessage } from 'node:http';
import { SESSION_COOKIE } from '@latchkey/contract';
import { parse, type SetCookie, serialize } from 'cookie';
import { SESSION_KEPT_MS } from '../../domain/sessions/session.ts';

/**
 * SameSite is strict, since all calls come from our own pages. A browser that arrives from another site, such as an identity
 * provider, loads a page first, and the calls of that page send the cookie.
 */
const ATTRIBUTES = {
  path: '/',
  secure: true,
  httpOnly: true,
  sameSite: 'strict',
} satisfies Partial<SetCookie>;

/** The value of Set-Cookie that stores a session's token in the browser. */
export function sessionCookie(token: string): string {
  return serialize(SESSION_COOKIE, token, { ...ATTRIBUTES, maxAge: SESSION_KEPT_MS / 1_000 });
}

/** The value of Set-Cookie that deletes the cookie. */
export function noSessionCookie(): string {
  return serialize(SESSION_COOKIE, '', { ...ATTRIBUTES, maxAge: 0 });
}

/** The value of the session's cookie; undefined if there is none. */
export function sessionTokenOf({ headers }: IncomingMessage): string | undefined {
  return parse(headers.cookie ?? '')[SESSION_COOKIE] || undefined;
}

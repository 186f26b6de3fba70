import type { IncomingMessage } from 'node:http';
import { SESSION_COOKIE } from '@latchkey/contract';
import { parse, type SetCookie, serialize } from 'cookie';
import { SESSION_KEPT_MS } from '../domain/sessions/session.ts';

/**
 * Strict, since every page of ours calls from itself: whoever comes from elsewhere, such as an identity provider, gets a
 * page first, and that page has the cookie.
 */
const ATTRIBUTES = {
  path: '/',
  secure: true,
  httpOnly: true,
  sameSite: 'strict',
} satisfies Partial<SetCookie>;

/** The value of Set-Cookie that hands a session's token to the browser. */
export function sessionCookie(token: string): string {
  return serialize(SESSION_COOKIE, token, { ...ATTRIBUTES, maxAge: SESSION_KEPT_MS / 1_000 });
}

/** The value of Set-Cookie that takes it away again. */
export function noSessionCookie(): string {
  return serialize(SESSION_COOKIE, '', { ...ATTRIBUTES, maxAge: 0 });
}

/** What stands in the session's cookie; undefined where there is none. */
export function sessionTokenOf({ headers }: IncomingMessage): string | undefined {
  return parse(headers.cookie ?? '')[SESSION_COOKIE] || undefined;
}

import type { IncomingMessage } from 'node:http';
import { isToken, SESSION_COOKIE } from '@latchkey/contract';
import { parse, type SetCookie, serialize } from 'cookie';
import { SESSION_KEPT_MS } from '../../domain/sessions/session.ts';
import { AppError } from '../../domain/shared/app-error.ts';

// RFC 6750, section 2.1: one scheme, one space, one token of these characters.
const BEARER = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i;
const SCHEME = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?: |$)/;

/** The token of a bearer credential; null if the credential is malformed. */
export function tokenOf(authorization: string): string | null {
  return BEARER.exec(authorization)?.[1] ?? null;
}

/** The credential of a request. */
export interface Credential {
  readonly kind: 'bearer' | 'session';
  readonly token: string;
}

/**
 * The credential of a request: a bearer token or a session's cookie. Throws CREDENTIALS_MALFORMED if it has both, since that
 * is ambiguous (RFC 6750, section 2). Next to a bearer token, a cookie that does not have the form of a session's token is
 * ignored, since generated clients send the same key for every scheme. Otherwise as `bearerToken`.
 */
export function credentialOf(request: IncomingMessage): Credential {
  const session = sessionTokenOf(request);
  if (session === undefined) return { kind: 'bearer', token: bearerToken(request) };
  if (request.headers.authorization === undefined) return { kind: 'session', token: session };
  if (!isToken('session', session)) return { kind: 'bearer', token: bearerToken(request) };
  throw new AppError('CREDENTIALS_MALFORMED', {
    message: 'Send the Authorization header or the cookie of a session, not both',
  });
}

/**
 * The bearer token of a request. Throws CREDENTIALS_MISSING if there is none or the scheme is another, and
 * CREDENTIALS_MALFORMED if the bearer credential is malformed.
 */
export function bearerToken(request: IncomingMessage): string {
  return bearerTokenOf(request.headers.authorization);
}

/** As `bearerToken`, of the value of an Authorization header. */
export function bearerTokenOf(value: string | undefined): string {
  if (value === undefined) throw new AppError('CREDENTIALS_MISSING');
  const token = tokenOf(value);
  if (token !== null) return token;
  const scheme = SCHEME.exec(value)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== 'bearer') throw new AppError('CREDENTIALS_MISSING');
  throw new AppError('CREDENTIALS_MALFORMED', { message: 'Send exactly: Authorization: Bearer <token>' });
}

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

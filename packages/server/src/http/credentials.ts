import type { IncomingMessage } from 'node:http';
import { AppError } from '../domain/shared/app-error.ts';

// RFC 6750, section 2.1: one scheme, one space, one token of these characters.
const BEARER = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i;
const SCHEME = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?: |$)/;

/** The token of a well-formed bearer credential; null where it is none. */
export function tokenOf(authorization: string): string | null {
  return BEARER.exec(authorization)?.[1] ?? null;
}

/**
 * The bearer token of a request. CREDENTIALS_MISSING where there is none or another scheme; CREDENTIALS_MALFORMED where
 * the header is no well-formed bearer credential.
 */
export function bearerToken(request: IncomingMessage): string {
  const value = request.headers.authorization;
  if (value === undefined) throw new AppError('CREDENTIALS_MISSING');
  const token = tokenOf(value);
  if (token !== null) return token;
  const scheme = SCHEME.exec(value)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== 'bearer') throw new AppError('CREDENTIALS_MISSING');
  throw new AppError('CREDENTIALS_MALFORMED', { message: 'Send exactly: Authorization: Bearer <token>' });
}

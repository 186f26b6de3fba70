import type { IncomingMessage } from 'node:http';
import { AppError } from '../../domain/shared/app-error.ts';

/** Safe methods, which change nothing (RFC 9110, section 9.2.1). */
const SAFE_METHODS: readonly (string | undefined)[] = ['GET', 'HEAD'];

/** Values of Sec-Fetch-Site for calls from our own pages or from the address bar. */
const OWN_SITES: readonly unknown[] = [undefined, 'same-origin', 'none'];

/**
 * CSRF check: throws ORIGIN_REFUSED for a call from a page of another origin. Browsers send the Origin header with every
 * call that changes data, and pages cannot forge it.
 */
export function denyForeignPages({ headers }: IncomingMessage, own: string): void {
  const isForeign = headers.origin !== undefined && headers.origin !== own;
  if (isForeign || !OWN_SITES.includes(headers['sec-fetch-site'])) throw originDenied(own);
}

/** `denyForeignPages` for a call with a cookie, which browsers add to every call: a change must have an Origin header. */
export function requireOwnOrigin(request: IncomingMessage, own: string): void {
  denyForeignPages(request, own);
  const { method, headers } = request;
  if (headers.origin === undefined && !SAFE_METHODS.includes(method)) throw originDenied(own);
}

function originDenied(own: string): AppError {
  return new AppError('ORIGIN_REFUSED', {
    message: `This call must come from a page of ${own}: open it there`,
  });
}

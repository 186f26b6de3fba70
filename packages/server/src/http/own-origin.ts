import type { IncomingMessage } from 'node:http';
import { AppError } from '../domain/shared/app-error.ts';

/** They change nothing (RFC 9110, section 9.2.1). */
const SAFE_METHODS: readonly (string | undefined)[] = ['GET', 'HEAD'];

/** From one of our own pages, or from the address bar. */
const OWN_SITES: readonly unknown[] = [undefined, 'same-origin', 'none'];

/**
 * Throws ORIGIN_REFUSED for a call that a page of somebody else makes a browser send. Browsers put the origin of the page
 * into every call that changes something, and pages cannot forge it.
 */
export function refuseForeignPages({ headers }: IncomingMessage, own: string): void {
  const isForeign = headers.origin !== undefined && headers.origin !== own;
  if (isForeign || !OWN_SITES.includes(headers['sec-fetch-site'])) throw refused(own);
}

/** `refuseForeignPages` for a call with a cookie, which the browser adds by itself: without an origin it may change nothing. */
export function requireOwnOrigin(request: IncomingMessage, own: string): void {
  refuseForeignPages(request, own);
  const { method, headers } = request;
  if (headers.origin === undefined && !SAFE_METHODS.includes(method)) throw refused(own);
}

function refused(own: string): AppError {
  return new AppError('ORIGIN_REFUSED', {
    message: `This call must come from a page of ${own}: open it there`,
  });
}

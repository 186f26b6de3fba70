import type { ApiKeyBody } from '@latchkey/contract';
import { LatchkeyConnectionError, LatchkeyError, LatchkeyProtocolError } from '../errors.ts';
import { batchedVerify } from './batch.ts';
import { type Denial, denial, type Fields, rateLimitFields } from './denial.ts';
import { type KeyVerifier, type RequireKeyOptions, requireValidOptions } from './options.ts';
import { type HeaderReader, presentedKey } from './presented-key.ts';

/** Whether a request may pass. */
export type Decision =
  | { readonly allowed: true; readonly apiKey: ApiKeyBody; readonly headers: Fields }
  /** The key was not verified, and `whenUnavailable` is `allow`. */
  | { readonly allowed: true; readonly apiKey?: undefined; readonly headers: Fields }
  | { readonly allowed: false; readonly denial: Denial };

export type Guard = (read: HeaderReader) => Promise<Decision>;

/**
 * A function that decides about requests to one route. It never rejects: everything but a valid verdict is a denial, and
 * everything that goes wrong is a denial with status 503. Throws TypeError for invalid options.
 */
export function keyGuard(latchkey: KeyVerifier, options: RequireKeyOptions): Guard {
  requireValidOptions(latchkey, options);
  const { permissions = [], cost, header, whenUnavailable } = options;
  const verify = batchedVerify(latchkey);
  const question = { permissions, ...(cost !== undefined && { cost }) };
  return async (read) => {
    try {
      const { key, problem } = presentedKey(read, header);
      if (problem) return denied(denial(problem, header));
      const verdict = await verify({ key, ...question });
      if (verdict.valid === true)
        return { allowed: true, apiKey: verdict.apiKey, headers: rateLimitFields(verdict.rateLimit) };
      if (verdict.code === 'UNAVAILABLE' && whenUnavailable === 'allow')
        return { allowed: true, headers: {} };
      return denied(denial(verdict.code, header, verdict));
    } catch (error) {
      if (whenUnavailable === 'allow' && isOutage(error)) return { allowed: true, headers: {} };
      return denied(denial('UNAVAILABLE', header));
    }
  };
}

function denied(response: Denial): Decision {
  return { allowed: false, denial: response };
}

/**
 * Is the service down? Not, if it denies the call of this client or another server responds: these are errors of a
 * configuration, which must not open a route.
 */
function isOutage(error: unknown): boolean {
  if (error instanceof LatchkeyConnectionError) return true;
  const hasStatus = error instanceof LatchkeyError || error instanceof LatchkeyProtocolError;
  return hasStatus && (error.status >= 500 || error.status === 429);
}

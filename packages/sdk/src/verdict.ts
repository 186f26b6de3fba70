import { type ApiKeyBody, type DenialCode, VERDICT_CODES, type VerdictBody } from '@latchkey/contract';
import { LatchkeyProtocolError } from './errors.ts';

/** The key may make the call. */
export interface ValidVerdict {
  readonly valid: true;
  readonly code: 'VALID';
  readonly apiKey: ApiKeyBody;
  readonly missing?: undefined;
  /** The limits that apply, and the quota that is left. */
  readonly rateLimit: VerdictBody['rateLimit'];
}

/** The key may not make the call. */
export interface DeniedVerdict {
  readonly valid: false;
  readonly code: DenialCode;
  /** The denied key, if its secret was correct. */
  readonly apiKey?: ApiKeyBody;
  /** On PERMISSION_DENIED: the requested permissions that the key lacks. */
  readonly missing?: VerdictBody['missing'];
  /** `retryAfterSeconds` is set on RATE_LIMITED. */
  readonly rateLimit: VerdictBody['rateLimit'];
}

/** An object, also for a denied key: test `valid`, not the verdict. */
export type Verdict = ValidVerdict | DeniedVerdict;

/** The key was denied. `code` is the reason. */
export class LatchkeyDeniedError extends Error {
  override readonly name = 'LatchkeyDeniedError';
  readonly code: DenialCode;
  readonly verdict: DeniedVerdict;

  constructor(verdict: DeniedVerdict) {
    super(`The key is denied: ${verdict.code}`);
    this.code = verdict.code;
    this.verdict = verdict;
  }
}

const KNOWN_CODES: ReadonlySet<string> = new Set(VERDICT_CODES);

/**
 * The verdicts of a response, in its order. Throws LatchkeyProtocolError unless there is one per check, and each is
 * consistent.
 */
export function consistentVerdicts(bodies: readonly VerdictBody[], count: number): Verdict[] {
  if (bodies.length !== count) throw inconsistent();
  return bodies.map(consistentVerdict);
}

/** Throws LatchkeyProtocolError for an unknown code, and unless the verdict is valid exactly if its code is VALID, and then has a key. */
export function consistentVerdict(body: VerdictBody): Verdict {
  if (isConsistent(body)) return body;
  throw inconsistent();
}

function isConsistent(body: VerdictBody): body is VerdictBody & Verdict {
  const { valid, code, apiKey } = body;
  return KNOWN_CODES.has(code) && valid === (code === 'VALID') && (!valid || apiKey !== undefined);
}

function inconsistent(): LatchkeyProtocolError {
  const message = 'The response has an inconsistent verdict: treat the key as not verified';
  return new LatchkeyProtocolError(message, 200);
}

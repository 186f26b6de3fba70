import { VERDICT_CODES, type VerdictBody } from '@latchkey/contract';
import { LatchkeyProtocolError } from '../errors.ts';

const CODES: ReadonlySet<string> = new Set(VERDICT_CODES);

/**
 * Throws LatchkeyProtocolError unless there is one verdict per check, each with a known code, and `valid` is true exactly
 * if the code is VALID.
 */
export function requireVerdicts(verdicts: readonly VerdictBody[], count: number): void {
  const isSound = verdicts.every(({ valid, code }) => CODES.has(code) && valid === (code === 'VALID'));
  if (isSound && verdicts.length === count) return;
  throw new LatchkeyProtocolError(
    'The response has an inconsistent verdict: treat the key as not verified',
    200,
  );
}

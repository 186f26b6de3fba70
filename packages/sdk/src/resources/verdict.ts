import { VERDICT_CODES, type VerdictBody } from '@latchkey/contract';
import { LatchkeyProtocolError } from '../errors.ts';

const CODES: ReadonlySet<string> = new Set(VERDICT_CODES);

/**
 * Throws LatchkeyProtocolError unless there are as many verdicts as questions, each with a known code, and valid exactly
 * where the code is VALID.
 */
export function requireVerdicts(verdicts: readonly VerdictBody[], count: number): void {
  const isSound = verdicts.every(({ valid, code }) => CODES.has(code) && valid === (code === 'VALID'));
  if (isSound && verdicts.length === count) return;
  throw new LatchkeyProtocolError('The answer contradicts itself, so it is no verdict', 200);
}

import { contractViolations } from '../../harness/contract-checker.ts';
import type { HttpAnswer, HttpCall, HttpClient } from '../../harness/http-client.ts';
import type { Random } from '../../harness/random.ts';
import type { FirstWorkspace } from '../../harness/service-process.ts';
import type { Doubt, KeyLimits, Ledger } from './ledger.ts';
import type { Report } from './report.ts';

export const KEYS = '/api/v2/api-keys';
const DAY_MS = 86_400_000;

/** All that a client of one cycle works with. */
export interface Load {
  readonly client: HttpClient;
  readonly owner: FirstWorkspace;
  readonly ledger: Ledger;
  readonly report: Report;
  readonly random: Random;
  readonly cycle: number;
  /** A text that is unique among the changes of this database. */
  readonly unique: () => string;
}

/**
 * Sends a change, which is in doubt until its whole answer has arrived. Returns null and reports a finding when the answer
 * is not a success. Rejects when the process dies first; the change then stays in doubt.
 */
export async function sendChange(
  load: Load,
  doubt: Doubt,
  [method, path]: readonly [method: string, path: string],
  call: HttpCall,
): Promise<HttpAnswer | null> {
  load.ledger.doubts.add(doubt);
  const answer = await load.client.call(method, path, { as: load.owner.key, ...call });
  load.ledger.doubts.delete(doubt);
  return expectSuccess(load, method, path, answer);
}

/** Returns the answer. Returns null and reports a finding when it is not a success or violates the contract. */
export function expectSuccess(
  { report, cycle }: Pick<Load, 'report' | 'cycle'>,
  method: string,
  path: string,
  answer: HttpAnswer,
): HttpAnswer | null {
  const violations = contractViolations(method, path, answer);
  if (answer.status < 300 && violations.length === 0) return answer;
  const reasons = [answer.status, ...violations, answer.text.slice(0, 300)].join(' ');
  report.find('unexpected', cycle, `${method} ${path} → ${reasons}`);
  return null;
}

/** Limits as a request writes them and as the store keeps them. */
export function randomLimits(random: Random): { body: object; limits: KeyLimits } {
  const orNull = (value: number): number | null => (random.chance(0.3) ? null : value);
  const limits = {
    expiresAt: orNull(Date.now() + DAY_MS + random.below(30 * DAY_MS)),
    requestsPerMinute: orNull(1 + random.below(1_000_000)),
    requestsPerDay: orNull(1 + random.below(1_000_000_000)),
  };
  const { expiresAt, ...rateLimit } = limits;
  return {
    body: { expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(), rateLimit },
    limits,
  };
}

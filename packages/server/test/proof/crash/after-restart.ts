import type { VerdictBody } from '@latchkey/contract';
import { expectSuccess, KEYS, type Load } from './change.ts';
import { hintOf, type KeyState, type KnownSecret, type LedgerKey } from './ledger.ts';
import { repeatHeader } from './mint-changes.ts';
import type { Unanswered } from './settle.ts';

/** The number of secrets that are verified in one call. */
const BATCH = 500;

type Asked = readonly [key: LedgerKey, secret: KnownSecret];

/** Verifies every known secret of the keys with the restarted service: each verdict and field must match the ledger. */
export async function verifyKeys(load: Load, keys: Iterable<LedgerKey>): Promise<void> {
  const asked = [...keys].flatMap((key) => key.secrets.map((secret): Asked => [key, secret]));
  for (let start = 0; start < asked.length; start += BATCH) {
    await verifyBatch(load, asked.slice(start, start + BATCH));
  }
}

async function verifyBatch(load: Load, asked: readonly Asked[]): Promise<void> {
  const path = `${KEYS}/verify-many`;
  const checks = asked.map(([, { text }]) => ({ key: text, cost: 0 }));
  const sentAt = Date.now();
  const answer = await load.client.call('POST', path, { as: load.owner.key, body: { checks } });
  if (!expectSuccess(load, 'POST', path, answer)) return;
  const verdicts = answer.body.data.result.verdicts as VerdictBody[];
  asked.forEach(([key, secret], index) => {
    const problem = problemOf(key, secret, verdicts[index], [sentAt, Date.now()]);
    if (problem) load.report.find('lost', load.cycle, `${key.id}: ${problem}`);
  });
}

function problemOf(
  key: LedgerKey,
  secret: KnownSecret,
  verdict: VerdictBody | undefined,
  window: readonly [from: number, to: number],
): string | null {
  const codes = expectedCodes(key.state, secret, window);
  if (!verdict || !codes.includes(verdict.code)) return `${verdict?.code} instead of ${codes.join(' or ')}`;
  const shown = JSON.stringify(shownOf(verdict));
  const expected = JSON.stringify(expectedOf(key.state));
  if (shown !== expected) return `shown as ${shown} instead of ${expected}`;
  const isPresent = secret.endsAfter === Number.POSITIVE_INFINITY;
  return isPresent && key.state.hint !== hintOf(secret.text) ? 'its hint is not that of its secret' : null;
}

function expectedCodes(
  { isRevoked, isActive }: KeyState,
  { endsAfter, endsBefore }: KnownSecret,
  [from, to]: readonly [from: number, to: number],
): string[] {
  if (isRevoked || from >= endsBefore) return ['KEY_REVOKED'];
  const alive = isActive ? 'VALID' : 'KEY_DISABLED';
  return to < endsAfter ? [alive] : [alive, 'KEY_REVOKED'];
}

function shownOf({ apiKey }: VerdictBody): unknown {
  if (!apiKey) return null;
  const { name, isActive, expiresAt, rateLimit, revokedAt, revokedReason, key } = apiKey;
  return [name, isActive, expiresAt, rateLimit, revokedAt !== null, revokedReason, key];
}

function expectedOf(state: KeyState): unknown {
  const { name, isActive, expiresAt, requestsPerMinute, requestsPerDay } = state;
  const end = expiresAt === null ? null : new Date(expiresAt).toISOString();
  const rateLimit = { requestsPerMinute, requestsPerDay };
  return [name, isActive, end, rateLimit, state.isRevoked, state.revokedReason, state.hint];
}

/** Repeats a call whose answer was lost: it must take effect only once, and the secret in its answer must work. */
export async function repeatUnanswered(load: Load, { doubt, call, made }: Unanswered): Promise<void> {
  const sentAt = Date.now();
  const { as, body, path } = call;
  const answer = await load.client.call('POST', path, { as, body, headers: repeatHeader(call) });
  if (!expectSuccess(load, 'POST', path, answer)) return;
  load.report.repeated += 1;
  const isReplay = answer.headers['idempotency-replayed'] === 'true';
  const { apiKey, key: secret } = answer.body.data.result;
  if (isReplay !== (made !== null) || (made && made.id !== apiKey.id)) {
    load.report.find(
      'half applied',
      load.cycle,
      `repeated ${doubt.kind} of ${apiKey.id} was done twice or not at all`,
    );
    return;
  }
  if (made) load.ledger.learn(made, secret);
  else enter(load, doubt, { id: apiKey.id, secret, sentAt });
  const busy = doubt.kind === 'create' ? doubt.busy : doubt.key;
  if (busy) busy.isBusy = false;
}

function enter(
  load: Load,
  doubt: Unanswered['doubt'],
  { id, secret, sentAt }: { id: string; secret: string; sentAt: number },
): void {
  const hint = hintOf(secret);
  if (doubt.kind === 'rotate') {
    const times = { after: sentAt, before: Date.now(), overlapMs: doubt.overlapMs };
    load.ledger.rotated(doubt.key, { secret, hint, ...times });
    return;
  }
  load.ledger.learn(load.ledger.add(id, { ...doubt.expected, hint }, doubt.into, load.cycle), secret);
}

/** Repeats some calls that were answered before the crash: the answer must have the same key and the same secret. */
export async function repeatAnswered(load: Load, most: number): Promise<void> {
  for (const { repeat, key, secret } of load.ledger.answered.slice(-most)) {
    const { as, body, path } = repeat;
    if (as !== load.owner.key || key.state.isRevoked) continue;
    const answer = await load.client.call('POST', path, { as, body, headers: repeatHeader(repeat) });
    if (!expectSuccess(load, 'POST', path, answer)) continue;
    const { result } = answer.body.data;
    if (result.apiKey.id !== key.id || result.key !== secret) {
      load.report.find('lost', load.cycle, `the repeated call for ${key.id} gave another answer`);
    }
  }
  load.ledger.answered = [];
}

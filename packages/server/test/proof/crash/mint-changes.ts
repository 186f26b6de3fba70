import { KEYS, type Load, randomLimits, sendChange } from './change.ts';
import {
  createdState,
  type Doubt,
  hintOf,
  type KeyLimits,
  type LedgerKey,
  pickFrom,
  type RepeatableCall,
} from './ledger.ts';

const SINGLE_PERMISSIONS = ['api-keys:read'];
const MEMBER_PERMISSIONS = ['api-keys:read', 'api-keys:write'];
/** Overlaps of a rotation, in seconds. The middle one ends during the run. */
const OVERLAPS = [0, 1, 3_600];

/** Creates a key with random limits, half of the time with an Idempotency-Key. */
export async function createSingle(load: Load): Promise<void> {
  const { body, limits } = randomLimits(load.random);
  const wanted = { body: { ...body, permissions: SINGLE_PERMISSIONS }, limits };
  await create(load, wanted, load.owner.key, load.ledger.singles);
}

/** Creates the root of a family. */
export async function createFamily(load: Load): Promise<void> {
  const members: LedgerKey[] = [];
  const root = await create(load, { body: { permissions: MEMBER_PERMISSIONS } }, load.owner.key, members);
  if (root) load.ledger.families.push({ root, members });
}

/** Creates a key with the secret of another one, which makes it one of the family. */
export async function createMember(load: Load): Promise<void> {
  const family = pickFrom(load.random, load.ledger.families);
  if (!family || family.root.isBusy) return;
  const parent = pickFrom(
    load.random,
    family.members.filter((member) => member.secrets.length > 0),
  );
  if (!parent) return;
  const wanted = { body: { permissions: MEMBER_PERMISSIONS } };
  family.root.isBusy = true;
  await create(load, wanted, parent.secrets[0]?.text ?? '', family.members, family.root);
  family.root.isBusy = false;
}

async function create(
  load: Load,
  wanted: { body: object; limits?: KeyLimits },
  as: string,
  into: LedgerKey[],
  busy: LedgerKey | null = null,
): Promise<LedgerKey | null> {
  const isRepeatable = load.random.chance(0.5);
  const name = `${isRepeatable ? 'idem' : 'plain'}-${load.unique()}`;
  const body = { ...wanted.body, name, userId: load.owner.userId };
  const repeat = isRepeatable ? { path: KEYS, body, as, idempotencyKey: `create:${name}` } : null;
  const expected = createdState(name, wanted.limits ?? {});
  const doubt: Doubt = { kind: 'create', expected, into, busy, repeat };
  const answer = await sendChange(load, doubt, ['POST', KEYS], { as, body, headers: repeatHeader(repeat) });
  if (!answer) return null;
  const { apiKey, key: secret } = answer.body.data.result;
  const key = load.ledger.add(apiKey.id, { ...expected, hint: hintOf(secret) }, into, load.cycle);
  load.ledger.learn(key, secret);
  if (repeat) load.ledger.answered.push({ repeat, key, secret });
  load.report.acknowledge(repeat ? 'create (idempotent)' : 'create');
  return key;
}

/** Rotates a key, half of the time with an Idempotency-Key. */
export async function rotateSingle(load: Load): Promise<void> {
  const [key] = load.ledger.takeSingles(load.random, 1);
  if (!key) return;
  const overlapSeconds = load.random.pick(OVERLAPS);
  const path = `${KEYS}/${key.id}/rotate`;
  const body = { overlapSeconds };
  const idempotencyKey = `rotate:${load.unique()}`;
  const repeat = load.random.chance(0.5) ? { path, body, as: load.owner.key, idempotencyKey } : null;
  const sentAt = Date.now();
  const overlapMs = overlapSeconds * 1_000;
  const doubt: Doubt = { kind: 'rotate', key, overlapMs, sentAt, repeat };
  key.touchedIn = load.cycle;
  const answer = await sendChange(load, doubt, ['POST', path], { body, headers: repeatHeader(repeat) });
  key.isBusy = false;
  if (!answer) return;
  const { key: secret } = answer.body.data.result;
  load.ledger.rotated(key, { secret, hint: hintOf(secret), after: sentAt, before: Date.now(), overlapMs });
  load.report.acknowledge(repeat ? 'rotate (idempotent)' : 'rotate');
}

export function repeatHeader(repeat: RepeatableCall | null): Record<string, string> {
  return repeat ? { 'idempotency-key': repeat.idempotencyKey } : {};
}

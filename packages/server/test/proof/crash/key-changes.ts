import { KEYS, type Load, randomLimits, sendChange } from './change.ts';
import { type Family, type KeyState, type LedgerKey, pickFrom } from './ledger.ts';

interface Target {
  readonly key: LedgerKey;
  readonly after: KeyState;
}

/** Keys of one bulk call. */
const BULK = 5;

/** A PATCH of every field that can change, so that a partial change would show. */
export async function updateSingle(load: Load): Promise<void> {
  const [key] = load.ledger.takeSingles(load.random, 1);
  if (!key) return;
  const { body, after } = randomChanges(load, key);
  await change(load, 'update', [{ key, after }], ['PATCH', `${KEYS}/${key.id}`], body);
}

export async function updateMany(load: Load): Promise<void> {
  const items = load.ledger
    .takeSingles(load.random, BULK)
    .map((key) => ({ key, ...randomChanges(load, key) }));
  if (items.length === 0) return;
  const body = { apiKeys: items.map(({ key, body }) => ({ id: key.id, ...body })) };
  await change(load, 'bulk update', items, ['PUT', KEYS], body);
}

export async function revokeSingle(load: Load): Promise<void> {
  const [key] = load.ledger.takeSingles(load.random, 1);
  if (!key) return;
  const reason = `over ${load.unique()}`;
  load.ledger.retire(key);
  await change(load, 'revoke', [{ key, after: revoked(key, reason) }], ['DELETE', `${KEYS}/${key.id}`], {
    reason,
  });
}

export async function revokeMany(load: Load): Promise<void> {
  const reason = `over ${load.unique()}`;
  const keys = load.ledger.takeSingles(load.random, BULK);
  if (keys.length === 0) return;
  for (const key of keys) load.ledger.retire(key);
  const targets = keys.map((key) => ({ key, after: revoked(key, reason) }));
  await change(load, 'bulk revoke', targets, ['DELETE', KEYS], { ids: keys.map(({ id }) => id), reason });
}

/** Revokes a root: alone, or with every key that derives from it, as one change. */
export async function revokeFamily(load: Load): Promise<void> {
  const family = pickFrom(
    load.random,
    load.ledger.families.filter(({ members }) => members.length > 2),
  );
  if (!family || family.root.isBusy) return;
  const way = load.random.pick(['alone', 'cascade', 'COMPROMISED'] as const);
  const reason = way === 'COMPROMISED' ? way : `over ${load.unique()}`;
  const keys = takeFamily(load, family, way === 'alone');
  const targets = keys.map((key) => ({ key, after: revoked(key, reason) }));
  const body = { reason, ...(way === 'cascade' && { cascade: true }) };
  const kind = way === 'alone' ? 'revoke' : 'cascade';
  await change(load, kind, targets, ['DELETE', `${KEYS}/${family.root.id}`], body);
}

function takeFamily({ ledger }: Load, family: Family, isAlone: boolean): LedgerKey[] {
  ledger.families.splice(ledger.families.indexOf(family), 1);
  const keys = isAlone ? [family.root] : family.members;
  for (const key of keys) key.isBusy = true;
  return keys;
}

/** Sends the change, and enters it in the ledger when it is acknowledged. A bulk call counts each of its items. */
async function change(
  load: Load,
  kind: string,
  targets: readonly Target[],
  request: readonly [method: string, path: string],
  body: object,
): Promise<void> {
  const isBulk = kind.startsWith('bulk');
  for (const { key } of targets) key.touchedIn = load.cycle;
  const answer = await sendChange(load, { kind: 'change', targets, isAtomic: !isBulk }, request, { body });
  for (const { key } of targets) key.isBusy = false;
  if (!answer) return;
  const { errors = [] } = answer.body.data.result;
  if (errors.length > 0) load.report.find('unexpected', load.cycle, `${kind}: ${JSON.stringify(errors)}`);
  for (const { key, after } of targets) key.state = after;
  load.report.acknowledge(kind, isBulk ? targets.length : 1);
}

function randomChanges({ random, unique }: Load, { state }: LedgerKey): { body: object; after: KeyState } {
  const { body, limits } = randomLimits(random);
  const name = `${state.name.split('-', 1)[0]}-${unique()}`;
  const isActive = random.chance(0.7);
  return {
    body: { ...body, name, isActive },
    after: { ...state, ...limits, name, isActive, version: state.version + 1 },
  };
}

function revoked({ state }: LedgerKey, revokedReason: string): KeyState {
  return { ...state, isRevoked: true, revokedReason, version: state.version + 1 };
}

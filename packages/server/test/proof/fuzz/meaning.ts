import { PERMISSIONS } from '@latchkey/contract';
import type { FuzzRandom } from './fuzz-random.ts';
import { anyText } from './texts.ts';
import type { World } from './world.ts';

/** How often a field gets a value that makes sense, and not only one that its schema allows. */
const SENSE = 0.9;

type Choose = (random: FuzzRandom, world: World) => unknown;

const ipAddresses = ['192.0.2.1', '2001:db8::1', '::ffff:192.0.2.1'];

/** Meaningful values for request fields, by name: the schema alone would give unknown ids and arbitrary dates. */
const MEANINGS: Readonly<Record<string, Choose>> = {
  id: (random, world) => world.keyId(random),
  ids: (random, world) => world.keyId(random),
  userId: (random, world) => (random.chance(0.8) ? world.userIds[0] : random.pick(world.userIds)),
  workspaceId: (_, world) => world.workspaceId,
  roleId: (random, world) => random.pick(world.others).roleId,
  email: (random) => `fuzz-${random.between(0, 99)}@example.com`,
  token: (random, world) =>
    random.chance(0.5) ? world.signInToken : random.pick(world.others).invitationToken,
  key: (random, world) => world.secret(random),
  name: (random) => (random.chance(0.7) ? `fuzz ${random.between(0, 99)}` : anyText(random)),
  search: (random) => (random.chance(0.5) ? 'fuzz' : anyText(random)),
  reason: (random) => random.pick(['COMPROMISED', 'left the company', anyText(random)]),
  expiresAt: (random, world) => instant(random, world, 1_000, 10 ** 10),
  expiresBefore: (random, world) => instant(random, world, -(10 ** 9), 10 ** 10),
  unusedSince: (random, world) => instant(random, world, -(10 ** 9), 0),
  permissions: (random) => random.pick(PERMISSIONS),
  permission: (random) => random.pick(PERMISSIONS),
  ip: (random) => random.pick(ipAddresses),
  limit: (random) => random.between(1, 12),
  offset: (random) => random.between(0, 12),
  cost: (random) => random.between(0, 2),
  'idempotency-key': (random) => `try-${random.between(0, 999)}`,
  'if-match': (random) => `"${random.between(1, 3)}"`,
};

/** Unix time of the furthest end a key may get, in milliseconds; beyond it `Date` writes years of more digits. */
const LATEST = Date.UTC(9_999, 0);

function instant(random: FuzzRandom, { service }: World, from: number, to: number): string {
  const ms = Math.min(service.clock.now() + random.between(from, to), LATEST);
  return new Date(ms).toISOString();
}

/** A sensible value for a header of the document. */
export function headerValue(name: string, random: FuzzRandom, world: World): string {
  return String(MEANINGS[name]?.(random, world) ?? '');
}

/** Replaces fields of a schema-valid value with meaningful ones. */
export function makeSense(value: unknown, field: string, random: FuzzRandom, world: World): unknown {
  if (Array.isArray(value)) return value.map((item) => makeSense(item, field, random, world));
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([name, member]) => [
      name,
      makeSense(member, name, random, world),
    ]);
    return Object.fromEntries(members);
  }
  const choose = MEANINGS[field];
  return choose && value !== null && random.chance(SENSE) ? choose(random, world) : value;
}

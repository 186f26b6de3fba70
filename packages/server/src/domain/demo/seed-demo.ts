import type { Catalogue, Permission } from '@latchkey/contract';
import type { Bootstrapped } from '../bootstrap/bootstrap-service.ts';
import { createInvitation } from '../invitations/create-invitation.ts';
import { createKey } from '../keys/create-key.ts';
import { boundsOf, type Key } from '../keys/key.ts';
import { revokeKey } from '../keys/revoke-key.ts';
import { rotateKey } from '../keys/rotate-key.ts';
import { updateKey } from '../keys/update-key.ts';
import { removeMember } from '../members/remove-member.ts';
import { updateMember } from '../members/update-member.ts';
import { createRole } from '../roles/create-role.ts';
import { acceptInvitation } from '../sessions/accept-invitation.ts';
import type { Caller } from '../shared/caller.ts';
import { BUCKET_MS } from '../usage/bucket.ts';
import { type DemoNeeds, DemoWorld } from './demo-world.ts';
import {
  addressOf,
  DEMO_ROLES,
  type DemoPerson,
  FOUNDER,
  INVITED,
  LEAVER,
  LEFT_DAYS_AGO,
  PEOPLE,
} from './people.ts';
import { type KeyPlan, planKeys } from './plan-keys.ts';
import { Random } from './random.ts';
import { type KeyTraffic, lacksPermission, OVER_LIMIT, seedUsage } from './usage.ts';

const { minute: MINUTE, hour: HOUR, day: DAY } = BUCKET_MS;

/** How long before its end the history begins. */
export const HISTORY_DAYS = 120;

/** A change of the history, made at its instant. */
interface Step {
  readonly at: number;
  run(): Promise<unknown>;
}

/** A key that was made, with its secret. */
interface MadeKey {
  readonly plan: KeyPlan;
  readonly key: Key;
  readonly secret: string;
}

/**
 * Fills a new workspace with an invented company: 12 people, 200 keys in every state, a history of `HISTORY_DAYS` days up to
 * `end` in the audit log, and 30 days of usage. All changes are made by the same code as those of callers, in the order of
 * time. The same seed makes the same people, keys and numbers; ids and secrets are always new.
 */
export async function seedDemo(
  needs: DemoNeeds,
  founded: Bootstrapped,
  end: number,
  seed: number,
): Promise<void> {
  const random = new Random(seed);
  const world = new DemoWorld(needs, FOUNDER, founded);
  const made: MadeKey[] = [];
  const steps = [
    ...peopleSteps(needs, world, end),
    ...planKeys(random).flatMap((plan) => keySteps(needs, world, plan, made, end, random)),
    ...childSteps(needs, world, made, end),
    ...roleChangeSteps(needs, world, end),
  ].sort((one, other) => one.at - other.at);
  for (const { at, run } of steps) {
    needs.clock.moveTo(at);
    await run();
  }
  needs.clock.moveTo(end);
  await seedUsage(
    needs,
    made.map((each) => trafficOf(each, needs.catalogue, end)),
    random,
  );
}

function peopleSteps(needs: DemoNeeds, world: DemoWorld, end: number): Step[] {
  const roles = Object.entries(DEMO_ROLES).map(([name, { description, holds }], index) => ({
    at: end - 119 * DAY + index * 7 * MINUTE,
    run: async () => {
      const permissions = needs.catalogue.permissions.filter(holds);
      return createRole(needs, await world.caller(FOUNDER), { name, description, permissions });
    },
  }));
  const joined = [...PEOPLE, LEAVER].map((person) => ({
    at: end - person.joinedDaysAgo * DAY,
    run: () => join(needs, world, person),
  }));
  const invited = INVITED.map(({ name, role }, index) => ({
    at: end - (2 + 3 * index) * DAY,
    run: () => invite(needs, world, name, role),
  }));
  return [...roles, ...joined, ...invited];
}

async function invite(needs: DemoNeeds, world: DemoWorld, name: string, role: string) {
  const invitation = { email: addressOf(name), roleId: await world.roleId(role), isMailed: false };
  return createInvitation(needs, await world.caller(FOUNDER), invitation);
}

async function join(needs: DemoNeeds, world: DemoWorld, { name, role }: DemoPerson): Promise<void> {
  const { token } = await invite(needs, world, name, role);
  const acceptance = { token: token ?? '', displayName: name };
  const { member } = await acceptInvitation(needs, acceptance, null, world.client(name));
  world.add(name, member);
}

/** What changed after a key was made: its rotation, and its end. */
function keySteps(
  needs: DemoNeeds,
  world: DemoWorld,
  plan: KeyPlan,
  made: MadeKey[],
  end: number,
  random: Random,
): Step[] {
  const { owner, createdDaysAgo, rotatedDaysAgo, fate, endedDaysAgo, expiresInDays } = plan;
  const isByOther = random.chance(0.15);
  const taste = random.next();
  let key: Key | null = null;
  const steps: Step[] = [
    {
      at: end - createdDaysAgo * DAY,
      async run() {
        const minted = await makeKey(needs, world, plan, isByOther, taste, end);
        key = minted.key;
        made.push(minted);
      },
    },
  ];
  const hasEnded = (daysAgo: number) => expiresInDays !== null && -expiresInDays > daysAgo;
  if (rotatedDaysAgo !== null && fate === 'lives' && !hasEnded(rotatedDaysAgo))
    steps.push({
      at: end - rotatedDaysAgo * DAY,
      run: async () => key && rotateKey(needs, await world.caller(FOUNDER), { keyId: key.id }),
    });
  const isLeaver = owner === LEAVER.name;
  if (fate !== 'lives' && !isLeaver)
    steps.push({
      at: end - endedDaysAgo * DAY,
      run: async () => key && endKey(needs, await world.caller(FOUNDER), key.id, fate),
    });
  return steps;
}

function endKey(needs: DemoNeeds, caller: Caller, keyId: string, fate: 'disabled' | 'revoked') {
  if (fate === 'disabled') return updateKey(needs, caller, keyId, { isActive: false });
  return revokeKey(needs, caller, keyId, { reason: 'No longer needed' });
}

/** People without `api-keys:write` get their keys from an admin, as some others do. */
async function makeKey(
  needs: DemoNeeds,
  world: DemoWorld,
  plan: KeyPlan,
  isByOther: boolean,
  taste: number,
  end: number,
): Promise<MadeKey> {
  const { name, owner, rateLimit, expiresInDays, set } = plan;
  const { permissions: held } = await world.member(owner);
  const maker = isByOther || !held.has('api-keys:write') ? FOUNDER : owner;
  const accepts = (permission: Permission) => set === 'all' || isTaken(permission, set, taste);
  const permissions = await world.shared(owner, maker, accepts);
  const expiresAt = expiresInDays === null ? null : new Date(end + expiresInDays * DAY).toISOString();
  const input = { name, userId: world.userId(owner), permissions, rateLimit, expiresAt };
  const { key, secret } = await createKey(needs, await world.caller(maker), input);
  return { plan, key, secret: secret ?? '' };
}

/** Some resources by taste, from 0 to 1: all of their actions, or only those that read. */
function isTaken(permission: Permission, set: 'read' | 'some', taste: number): boolean {
  const [resource = '', action = ''] = permission.split(':');
  const place = [...resource].reduce((sum, character) => sum + character.charCodeAt(0), 0) % 10;
  const isNear = Math.abs(place / 10 - taste) < 0.25;
  return isNear && (set === 'some' || action.endsWith('read'));
}

/** One key of an owner made three others, as a deployment program does. */
function childSteps(needs: DemoNeeds, world: DemoWorld, made: MadeKey[], end: number): Step[] {
  const names = ['Preview environment 41', 'Preview environment 42', 'Preview environment 43'];
  let maker: MadeKey | null = null;
  const first: Step = {
    at: end - 25 * DAY,
    async run() {
      const input = { name: 'Deployments', userId: world.userId(FOUNDER), expiresAt: null };
      const { key, secret } = await createKey(needs, await world.caller(FOUNDER), input);
      maker = { plan: deployments('Deployments'), key, secret: secret ?? '' };
      made.push(maker);
    },
  };
  const children = names.map((name, index) => ({
    at: end - (9 - 3 * index) * DAY,
    async run() {
      if (!maker) return;
      const permissions: Permission[] = ['calls:read', 'agents:read'].filter((each) =>
        needs.catalogue.permissions.includes(each),
      );
      const caller = callerOfKey(needs, maker, world.client('Deployments'));
      const input = { name, userId: maker.key.owner.id, permissions };
      const { key, secret } = await createKey(needs, caller, input);
      made.push({ plan: deployments(name), key, secret: secret ?? '' });
    },
  }));
  return [first, ...children];
}

function deployments(name: string): KeyPlan {
  const rateLimit = { requestsPerMinute: null, requestsPerDay: null };
  const life = { createdDaysAgo: 25, expiresInDays: null, fate: 'lives', endedDaysAgo: 0 } as const;
  return {
    name,
    owner: FOUNDER,
    ...life,
    rateLimit,
    set: 'all',
    rotatedDaysAgo: null,
    perHour: 12,
    isDenied: false,
  };
}

function callerOfKey({ keyring }: DemoNeeds, { key, secret }: MadeKey, client: Caller['client']): Caller {
  const { workspaceId, owner, id: keyId } = key;
  const credential = { kind: 'key', workspaceId, userId: owner.id, keyId } as const;
  const secretDigest = keyring.digest(secret);
  return {
    ...credential,
    secretDigest,
    permissions: new Set(key.permissions),
    bounds: boundsOf(key),
    client,
  };
}

/** A member left, one was suspended for 22 minutes, and one lost permissions that their keys still have. */
function roleChangeSteps(needs: DemoNeeds, world: DemoWorld, end: number): Step[] {
  const change = (at: number, name: string, changes: () => Promise<Parameters<typeof updateMember>[3]>) => ({
    at,
    run: async () => updateMember(needs, await world.caller(FOUNDER), world.userId(name), await changes()),
  });
  const suspendedAt = end - 2 * DAY - 3 * HOUR;
  return [
    {
      at: end - LEFT_DAYS_AGO * DAY,
      run: async () => removeMember(needs, await world.caller(FOUNDER), world.userId(LEAVER.name)),
    },
    change(suspendedAt, 'Owen Prichard', async () => ({ status: 'suspended' })),
    change(suspendedAt + 22 * MINUTE, 'Owen Prichard', async () => ({ status: 'active' })),
    change(end - 2 * HOUR, 'Tomasz Wrona', async () => ({ roleId: await world.roleId('Developer') })),
  ];
}

/** A program that asks for too much, and one that calls too often. */
function denialsOf({ permissions, rateLimit }: Key, { permissions: all }: Catalogue): KeyTraffic['denied'] {
  const lacking = all.find((each) => each.endsWith(':write') && !permissions.includes(each));
  return [
    ...(lacking === undefined
      ? []
      : [{ code: 'PERMISSION_DENIED', part: 0.004, reason: lacksPermission(lacking) } as const]),
    ...(rateLimit.requestsPerMinute === null
      ? []
      : [{ code: 'RATE_LIMITED', part: 0.002, reason: OVER_LIMIT } as const]),
  ];
}

function trafficOf({ plan, key }: MadeKey, catalogue: Catalogue, end: number): KeyTraffic {
  const { createdDaysAgo, fate, endedDaysAgo, expiresInDays, owner, perHour, isDenied, rotatedDaysAgo } =
    plan;
  const ends = [end + DAY];
  if (fate !== 'lives') ends.push(end - endedDaysAgo * DAY);
  if (expiresInDays !== null) ends.push(end + expiresInDays * DAY);
  if (owner === LEAVER.name) ends.push(end - LEFT_DAYS_AGO * DAY);
  return {
    keyId: key.id,
    from: end - createdDaysAgo * DAY,
    until: Math.min(...ends),
    perHour,
    denied: isDenied ? denialsOf(key, catalogue) : [],
    rotatedAt: rotatedDaysAgo !== null && rotatedDaysAgo < 1 ? end - rotatedDaysAgo * DAY : null,
  };
}

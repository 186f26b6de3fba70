import { PERMISSIONS, type Permission } from '@latchkey/contract';
import { createKey } from '../../../src/domain/keys/create-key.ts';
import type { Key } from '../../../src/domain/keys/key.ts';
import { rotateKey } from '../../../src/domain/keys/rotate-key.ts';
import { type KeyChanges, updateKey } from '../../../src/domain/keys/update-key.ts';
import { AppError } from '../../../src/domain/shared/app-error.ts';
import { type Caller, NO_ORIGIN } from '../../../src/domain/shared/caller.ts';
import type { Random } from '../../harness/random.ts';
import type { TestService } from '../../harness/test-service.ts';
import {
  type OracleCaller,
  type OracleKey,
  oracleCreate,
  oracleRotate,
  oracleUpdate,
  type Wish,
} from './oracle.ts';
import { People, type PeopleCase } from './people.ts';

/** How many keys a run keeps as callers and targets, and how deep keys of keys go. */
const POOL_MAX = 60;
const DEPTH_MAX = 5;
const MINUTE_MS = 60_000;

/** How often a role, a member or an invitation is tried instead of a key. */
const PEOPLE_SHARE = 0.15;

interface Member {
  readonly caller: Caller;
  readonly key: Key | null;
  readonly depth: number;
}

/** What a run has seen; every case stands in one of the counts. */
export interface CeilingReport {
  readonly cases: Record<'create' | 'rotate' | 'update' | PeopleCase, { granted: number; refused: number }>;
  /** Cases in which product and oracle differ, in words. Empty is the proof. */
  readonly differences: string[];
}

/**
 * Plays random creations, rotations and updates of keys through the real verbs, among people whose roles change all the
 * while, and compares each with the oracle.
 */
export class CeilingRun {
  readonly #service: TestService;
  readonly #random: Random;
  readonly #people: People;
  readonly #pool: Member[] = [];
  readonly report: CeilingReport = {
    cases: {
      create: { granted: 0, refused: 0 },
      rotate: { granted: 0, refused: 0 },
      update: { granted: 0, refused: 0 },
      role: { granted: 0, refused: 0 },
      edit: { granted: 0, refused: 0 },
      assign: { granted: 0, refused: 0 },
      invite: { granted: 0, refused: 0 },
      accept: { granted: 0, refused: 0 },
    },
    differences: [],
  };

  constructor(service: TestService, random: Random) {
    this.#service = service;
    this.#random = random;
    this.#people = new People(service, random, (kind, situation, expected, actual) => {
      this.report.cases[kind][actual ? 'granted' : 'refused'] += 1;
      if (expected !== actual) this.#differ({ kind, situation, expected, actual });
    });
  }

  async play(cases: number): Promise<CeilingReport> {
    await this.#people.populate();
    for (let played = 0; played < cases; played++) {
      const by = this.#anyCaller();
      const target = this.#pool.length > 0 ? this.#random.pick(this.#pool).key : null;
      if (this.#random.chance(PEOPLE_SHARE)) await this.#people.change(by.caller);
      else if (!target || this.#random.chance(0.5)) await this.#create(by);
      else if (this.#random.chance(0.3)) await this.#rotate(by, target);
      else await this.#update(by, target);
    }
    return this.report;
  }

  #anyCaller(): Member {
    if (this.#pool.length > 0 && this.#random.chance(0.7)) return this.#random.pick(this.#pool);
    return { caller: this.#people.session(this.#people.anybody()), key: null, depth: 0 };
  }

  async #create(by: Member): Promise<void> {
    const wish = this.#wish(true);
    const userId = this.#random.chance(0.6) ? by.caller.userId : this.#people.anybody();
    const owner = { id: userId, holds: this.#people.holds(userId) };
    const expected = oracleCreate(oracleCaller(by), owner, wish, this.#now);
    const input = {
      name: 'k',
      userId,
      ...requestOf(wish),
      permissions: wish.permissions as Permission[] | undefined,
    };
    const key = await this.#attempt('create', { by, owner, wish }, expected, async () => {
      return (await createKey(this.#needs, by.caller, input)).key;
    });
    if (key && by.depth < DEPTH_MAX) this.#keep({ caller: callerOf(key), key, depth: by.depth + 1 });
  }

  async #rotate(by: Member, target: Key): Promise<void> {
    const holds = this.#people.holds(target.owner.id);
    const expected = oracleRotate(oracleCaller(by), holds, oracleKey(target), this.#now);
    const key = await this.#attempt('rotate', { by, target }, expected, async () => {
      return (await rotateKey(this.#needs, by.caller, { keyId: target.id, overlapSeconds: 0 })).key;
    });
    if (key) this.#replace(key);
  }

  async #update(by: Member, target: Key): Promise<void> {
    const holds = this.#people.holds(target.owner.id);
    const isOn = this.#random.pick([undefined, undefined, true, false]);
    const wish = { ...this.#wish(false), ...(isOn !== undefined && { isOn }) };
    const expected = oracleUpdate(oracleCaller(by), holds, oracleKey(target), wish, this.#now);
    const changes: KeyChanges = { ...requestOf(wish), isActive: isOn };
    const key = await this.#attempt('update', { by, target, wish }, expected, () =>
      updateKey(this.#needs, by.caller, target.id, changes),
    );
    if (key) this.#replace(key);
  }

  async #attempt(
    kind: 'create' | 'rotate' | 'update',
    situation: unknown,
    expected: OracleKey | null,
    verb: () => Promise<Key>,
  ): Promise<Key | null> {
    const key = await granted(verb);
    this.report.cases[kind][key ? 'granted' : 'refused'] += 1;
    const actual = key ? oracleKey(key) : null;
    if (!same(actual, expected)) this.#differ({ kind, situation, expected, actual });
    return key;
  }

  #differ(difference: unknown): void {
    this.report.differences.push(JSON.stringify(difference, setsAsLists));
  }

  #wish(withPermissions: boolean): Wish {
    const permissions = withPermissions ? this.#permissions() : undefined;
    const end = this.#random.pick([undefined, null, -1, 0, 1, 2, 3, 4, 5]);
    const limits = this.#limits();
    return {
      ...(permissions !== undefined && { permissions }),
      ...(end !== undefined && { end: end === null ? null : this.#now + end * MINUTE_MS }),
      ...(limits !== undefined && { limits }),
    };
  }

  #permissions(): string[] | undefined {
    if (this.#random.chance(0.25)) return undefined;
    if (this.#random.chance(0.15)) return [];
    const few = this.#random.subset(PERMISSIONS, this.#random.pick([0.02, 0.1, 0.5, 0.97]));
    return this.#random.chance(0.7) ? [...few, 'api-keys:write', ...few.slice(0, 2)] : few;
  }

  #limits(): Wish['limits'] {
    const value = () => this.#random.pick([undefined, null, 1, 2, 3, 4]);
    if (this.#random.chance(0.3)) return undefined;
    if (this.#random.chance(0.15)) return null;
    const [perMinute, perDay] = [value(), value()];
    return { ...(perMinute !== undefined && { perMinute }), ...(perDay !== undefined && { perDay }) };
  }

  get #now(): number {
    return this.#service.clock.now();
  }

  get #needs() {
    const { storage, keyring, clock } = this.#service;
    return { unitOfWork: storage, keyring, clock };
  }

  #keep(member: Member): void {
    if (this.#pool.length >= POOL_MAX) this.#pool.splice(this.#random.below(POOL_MAX), 1);
    this.#pool.push(member);
  }

  /** The key as it is now; what it may do as a caller follows it. */
  #replace(key: Key): void {
    const index = this.#pool.findIndex((member) => member.key?.id === key.id);
    const depth = this.#pool[index]?.depth ?? 1;
    if (index >= 0) this.#pool[index] = { caller: callerOf(key), key, depth };
  }
}

async function granted(verb: () => Promise<Key>): Promise<Key | null> {
  try {
    return await verb();
  } catch (error) {
    if (error instanceof AppError && error.code !== 'INTERNAL') return null;
    throw error;
  }
}

function callerOf(key: Key): Caller {
  const { workspaceId, owner, id, permissions, expiresAt, rateLimit } = key;
  return {
    kind: 'key',
    workspaceId,
    userId: owner.id,
    keyId: id,
    permissions: new Set(permissions),
    bounds: { expiresAt, rateLimit },
    origin: NO_ORIGIN,
  };
}

function oracleCaller({ caller, key }: Member): OracleCaller {
  const { userId, permissions, bounds } = caller;
  const { requestsPerMinute: perMinute, requestsPerDay: perDay } = bounds.rateLimit;
  const isOn = key?.isActive ?? true;
  return { isOn, userId, holds: [...permissions], end: bounds.expiresAt, perMinute, perDay };
}

function oracleKey(key: Key): OracleKey {
  const { requestsPerMinute: perMinute, requestsPerDay: perDay } = key.rateLimit;
  return {
    ownerId: key.owner.id,
    permissions: key.permissions,
    end: key.expiresAt,
    perMinute,
    perDay,
    isOn: key.isActive,
  };
}

function requestOf({ end, limits }: Wish): Pick<KeyChanges, 'expiresAt' | 'rateLimit'> {
  return {
    expiresAt: typeof end === 'number' ? new Date(end).toISOString() : end,
    rateLimit: limits && {
      ...('perMinute' in limits && { requestsPerMinute: limits.perMinute }),
      ...('perDay' in limits && { requestsPerDay: limits.perDay }),
    },
  };
}

function same(actual: OracleKey | null, expected: OracleKey | null): boolean {
  if (!actual || !expected) return actual === expected;
  const sorted = (key: OracleKey) =>
    JSON.stringify({ ...key, permissions: [...key.permissions].sort() }, Object.keys(key).sort());
  return sorted(actual) === sorted(expected) && actual.permissions.length === expected.permissions.length;
}

function setsAsLists(_name: string, value: unknown): unknown {
  return value instanceof Set ? [...value] : value;
}

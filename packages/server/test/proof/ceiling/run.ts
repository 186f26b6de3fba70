import { PERMISSIONS } from '@latchkey/contract';
import type { Random } from '../../harness/random.ts';
import type { TestService } from '../../harness/test-service.ts';
import type { Actions, Actor, MintedKey, PlayedKey } from './actions.ts';
import { type OracleKey, oracleCreate, oracleRotate, oracleUpdate, type Wish } from './oracle.ts';
import { People, type PeopleCase } from './people.ts';

/** How many keys a run keeps as callers and targets, and how deep keys of keys go. */
const POOL_MAX = 60;
const DEPTH_MAX = 5;
const MINUTE_MS = 60_000;

/** How often a role, a member or an invitation is tried instead of a key. */
const PEOPLE_SHARE = 0.15;

/** A key of the run: with depth 1 a person made it, with depth 2 a key of depth 1 did. */
interface Pooled {
  readonly minted: MintedKey;
  readonly depth: number;
}

/** The results of a run. Every case is in one of the counts. */
export interface CeilingReport {
  readonly cases: Record<'create' | 'rotate' | 'update' | PeopleCase, { granted: number; denied: number }>;
  /** Keys made by the depth at which they were made, from 1. */
  readonly depths: number[];
  /** Cases in which product and oracle differ, as JSON. The proof requires that there are none. */
  readonly differences: string[];
}

export function emptyReport(): CeilingReport {
  return {
    cases: {
      create: { granted: 0, denied: 0 },
      rotate: { granted: 0, denied: 0 },
      update: { granted: 0, denied: 0 },
      role: { granted: 0, denied: 0 },
      edit: { granted: 0, denied: 0 },
      assign: { granted: 0, denied: 0 },
      invite: { granted: 0, denied: 0 },
      accept: { granted: 0, denied: 0 },
    },
    depths: Array<number>(DEPTH_MAX).fill(0),
    differences: [],
  };
}

/**
 * Runs random creations, rotations and updates of keys while the roles of their owners change, and compares each result with
 * the oracle.
 */
export class CeilingRun {
  readonly #service: TestService;
  readonly #actions: Actions;
  readonly #random: Random;
  readonly #people: People;
  readonly #pool: Pooled[] = [];
  readonly #report: CeilingReport;

  /** The results are added to the report. */
  constructor(service: TestService, actions: Actions, random: Random, report: CeilingReport) {
    this.#report = report;
    this.#service = service;
    this.#actions = actions;
    this.#random = random;
    this.#people = new People(service, actions, random, (kind, situation, expected, actual) => {
      this.#report.cases[kind][actual ? 'granted' : 'denied'] += 1;
      if (expected !== actual) this.#differ({ kind, situation, expected, actual });
    });
  }

  async play(goesOn: () => boolean): Promise<void> {
    await this.#people.populate();
    while (goesOn()) {
      const { actor, depth } = this.#anyActor();
      const target = this.#pool.length > 0 ? this.#random.pick(this.#pool).minted.key : null;
      if (this.#random.chance(PEOPLE_SHARE)) await this.#people.change(actor);
      else if (!target || this.#random.chance(0.5)) await this.#create(actor, depth);
      else if (this.#random.chance(0.3)) await this.#rotate(actor, target);
      else await this.#update(actor, target);
    }
  }

  #anyActor(): { actor: Actor; depth: number } {
    if (this.#pool.length > 0 && this.#random.chance(0.7)) {
      const { minted, depth } = this.#random.pick(this.#pool);
      return { actor: actorOf(minted), depth };
    }
    return { actor: this.#people.person(this.#people.anybody()), depth: 0 };
  }

  async #create(by: Actor, depth: number): Promise<void> {
    const wish = { ...this.#wish(), ...this.#permissions(by) };
    const userId = this.#random.chance(0.6) ? by.userId : this.#people.anybody();
    const owner = { id: userId, holds: this.#people.holds(userId) };
    const expected = oracleCreate(by, owner, wish, this.#now);
    const minted = await this.#actions.createKey(by, userId, wish);
    this.#judge('create', { by, owner, wish }, expected, minted?.key ?? null);
    if (!minted || depth >= DEPTH_MAX) return;
    this.#report.depths[depth] = (this.#report.depths[depth] ?? 0) + 1;
    this.#keep({ minted, depth: depth + 1 });
  }

  async #rotate(by: Actor, target: PlayedKey): Promise<void> {
    const holds = this.#people.holds(target.ownerId);
    const expected = oracleRotate(by, holds, target, this.#now);
    const minted = await this.#actions.rotateKey(by, target.id);
    this.#judge('rotate', { by, target }, expected, minted?.key ?? null);
    if (minted) this.#replace(minted.key, minted.secret);
  }

  async #update(by: Actor, target: PlayedKey): Promise<void> {
    const holds = this.#people.holds(target.ownerId);
    const isOn = this.#random.pick([undefined, undefined, true, false]);
    const wish = { ...this.#wish(), ...(isOn !== undefined && { isOn }) };
    const expected = oracleUpdate(by, holds, target, wish, this.#now);
    const key = await this.#actions.updateKey(by, target.id, wish);
    this.#judge('update', { by, target, wish }, expected, key);
    if (key) this.#replace(key);
  }

  #judge(
    kind: 'create' | 'rotate' | 'update',
    situation: unknown,
    expected: OracleKey | null,
    actual: PlayedKey | null,
  ): void {
    this.#report.cases[kind][actual ? 'granted' : 'denied'] += 1;
    if (!same(actual, expected)) this.#differ({ kind, situation, expected, actual });
  }

  #differ(difference: unknown): void {
    this.#report.differences.push(JSON.stringify(difference));
  }

  #wish(): Wish {
    const end = this.#random.pick([undefined, null, -1, 0, 1, 2, 3, 4, 5]);
    const limits = this.#limits();
    return {
      ...(end !== undefined && { end: end === null ? null : this.#now + end * MINUTE_MS }),
      ...(limits !== undefined && { limits }),
    };
  }

  /** Mostly permissions that the actor holds, so that many calls are granted; else any, so that many are denied. */
  #permissions({ holds }: Actor): Pick<Wish, 'permissions'> {
    if (this.#random.chance(0.25)) return {};
    if (this.#random.chance(0.15)) return { permissions: [] };
    const all = this.#random.chance(0.5) ? holds : PERMISSIONS;
    const few = this.#random.subset(all, this.#random.pick([0.02, 0.1, 0.5, 0.97]));
    return { permissions: this.#random.chance(0.7) ? [...few, 'api-keys:write', ...few.slice(0, 2)] : few };
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

  #keep(pooled: Pooled): void {
    if (this.#pool.length >= POOL_MAX) this.#pool.splice(this.#random.below(POOL_MAX), 1);
    this.#pool.push(pooled);
  }

  /** The key as it is now; what it may do as a caller follows it. */
  #replace(key: PlayedKey, secret?: string): void {
    const index = this.#pool.findIndex(({ minted }) => minted.key.id === key.id);
    const known = this.#pool[index];
    if (!known) return;
    const { minted, depth } = known;
    this.#pool[index] = { minted: { key, secret: secret ?? minted.secret }, depth };
  }
}

function actorOf({ key, secret }: MintedKey): Actor {
  const { id: keyId, ownerId: userId, permissions: holds, end, perMinute, perDay, isOn } = key;
  return { isOn, userId, keyId, secret, holds, end, perMinute, perDay };
}

function same(actual: PlayedKey | null, expected: OracleKey | null): boolean {
  if (!actual || !expected) return actual === expected;
  return comparable(actual) === comparable(expected);
}

function comparable({ ownerId, permissions, end, perMinute, perDay, isOn }: OracleKey): string {
  return JSON.stringify([ownerId, permissions.toSorted(), end, perMinute, perDay, isOn]);
}

import { BASE62, RANDOM_LENGTH, secretText } from '@latchkey/contract';
import type { Key } from '../../../src/domain/keys/key.ts';
import type { KeyRecord } from '../../../src/domain/keys/key-store.ts';
import { newId } from '../../../src/domain/shared/id.ts';
import { aKey } from '../../../src/storage/suites/suite-database.ts';
import { Random } from '../../harness/random.ts';
import { type Fault, Instance, invalidationsOf, keyring, LEASE_MS } from './instance.ts';
import { type KeyState, Oracle, type Outcome, type Violation } from './oracle.ts';
import { MadeUpStore, Timeline } from './world.ts';

const LENGTH_MS = 8_000;
const INSTANCES = 3;
const ACTIONS = 60;
const DAY_MS = 86_400_000;
/** Some histories run over midnight. */
const START = 20_000 * DAY_MS - 4_000;
const HOUR_MS = 3_600_000;
const OWNER = { id: 'usr_00000000000000000000000000', email: 'owner@example.com', displayName: 'Owner' };
const WORKSPACE_ID = 'ws_00000000000000000000000000';

export interface Figures {
  verifications: number;
  answered: number;
  accepted: number;
  changes: number;
  stops: number;
}

interface MadeKey {
  readonly id: string;
  readonly text: string;
}

/** One history: a few instances over one store, whose connections, processes and clocks fail at random. */
export class History {
  readonly #random: Random;
  readonly #timeline = new Timeline();
  readonly #store = new MadeUpStore();
  readonly #oracle = new Oracle(LEASE_MS);
  readonly #instances: Instance[];
  readonly #keys: MadeKey[] = [];
  readonly #figures: Figures;
  /** Clocks are set back, or machines are suspended: an instance could not notice both, if one hides the other. */
  readonly #areClocksSetBack: boolean;
  #started = INSTANCES;

  constructor(seed: number, fault: Fault | null, figures: Figures) {
    this.#random = new Random(seed);
    this.#figures = figures;
    this.#areClocksSetBack = this.#random.chance(0.5);
    const around = { timeline: this.#timeline, store: this.#store, random: this.#random, fault };
    this.#instances = Array.from(
      { length: INSTANCES },
      (_, index) => new Instance(`i${index}`, around, undefined, START + this.#random.below(3) * 1_000),
    );
  }

  async run(): Promise<readonly Violation[]> {
    for (let action = 0; action < ACTIONS; action++)
      this.#timeline.after(this.#random.below(LENGTH_MS), () => this.#act());
    await this.#timeline.runUntil(LENGTH_MS + 2_000);
    return this.#oracle.violations;
  }

  #act(): void {
    const random = this.#random;
    const running = this.#instances.filter(({ isRunning }) => isRunning);
    if (running.length === 0) return;
    const instance = random.pick(running);
    const key = this.#keys.length > 0 ? random.pick(this.#keys) : null;
    const kind = random.below(100);
    if (key === null || kind < 8) this.#create(instance);
    else if (kind < 20) this.#update(instance, key);
    else if (kind < 28) this.#fail(instance);
    else this.#verify(instance, key);
  }

  /** Verifies the key on one instance, or on all at once, and sometimes often. */
  #verify(instance: Instance, key: MadeKey): void {
    const instances = this.#random.chance(0.3)
      ? this.#instances.filter(({ isRunning }) => isRunning)
      : [instance];
    const times = this.#random.chance(0.2) ? 5 : 1;
    for (const one of instances) for (let time = 0; time < times; time++) void this.#verifyOnce(one, key);
  }

  async #verifyOnce(instance: Instance, { id, text }: MadeKey): Promise<void> {
    const beganAt = this.#timeline.now;
    this.#figures.verifications++;
    const answer = await instance.verify(text, 1);
    if (!answer) return;
    this.#figures.answered++;
    const outcome = answer.code as Outcome;
    if (outcome === 'VALID') this.#figures.accepted++;
    const endedAt = this.#timeline.now;
    this.#oracle.answered({ key: id, instance: instance.name, beganAt, endedAt, day: answer.day, outcome });
  }

  #create(instance: Instance): void {
    const text = this.#newText();
    const limited = this.#random.chance(0.5);
    const perMinute = limited && this.#random.chance(0.5) ? 1 + this.#random.below(6) : null;
    const perDay = limited ? 1 + this.#random.below(12) : null;
    const key = aKey(WORKSPACE_ID, OWNER, {
      ...{ id: newId('key'), permissions: [], createdAt: START },
      rateLimit: { requestsPerMinute: perMinute, requestsPerDay: perDay },
    });
    this.#oracle.created(key.id, { perMinute, perDay });
    const digest = keyring.digest(text);
    const made = { id: key.id, text };
    void this.#change(
      instance,
      made,
      digest,
      () => recordOf(key),
      () => this.#keys.push(made),
    );
  }

  #update(instance: Instance, made: MadeKey): void {
    const kind = this.#random.pick(['disable', 'enable', 'enable', 'revoke'] as const);
    void this.#change(instance, made, null, () => {
      const key = this.#store.record(made.id)?.key;
      if (!key || key.revokedAt !== null) return null;
      if (kind === 'revoke') return recordOf({ ...key, revokedAt: START });
      return key.isActive === (kind === 'enable') ? null : recordOf({ ...key, isActive: kind === 'enable' });
    });
  }

  /** Commits what `next` returns, unless it is null; a new key has a digest. */
  async #change(
    instance: Instance,
    { id, text }: MadeKey,
    newDigest: string | null,
    next: () => KeyRecord | null,
    onAcknowledged = () => {},
  ): Promise<void> {
    this.#figures.changes++;
    const digest = newDigest ?? keyring.digest(text);
    const changes = invalidationsOf({ key: { id } } as KeyRecord, newDigest ?? undefined);
    const commit = () => {
      const record = next();
      if (!record) return;
      this.#store.commit(digest, record, changes, this.#timeline.now);
      this.#oracle.committed(id, stateOf(record.key), this.#timeline.now);
    };
    try {
      const committedAt = await instance.change(commit, changes);
      this.#oracle.acknowledged(id, instance.name, committedAt, this.#timeline.now);
      onAcknowledged();
    } catch {
      // The outcome is unknown: the caller was told so, and the oracle knows what the store did.
    }
  }

  #fail(instance: Instance): void {
    const random = this.#random;
    const ms = random.pick([200, 1_500, 3_000]);
    this.#figures.stops++;
    switch (random.pick(['stop', 'stop', 'cut', 'cut', 'lose', 'clock', 'restart', 'purge'] as const)) {
      case 'stop':
        instance.stop(ms, !this.#areClocksSetBack && random.chance(0.5));
        // Requests that arrived meanwhile are answered first.
        this.#timeline.after(ms, () => {
          for (const key of this.#keys) void this.#verifyOnce(instance, key);
        });
        break;
      case 'cut':
        instance.isCutOff = true;
        this.#timeline.after(ms, () => {
          instance.isCutOff = false;
        });
        break;
      case 'lose':
        instance.loseConnections();
        break;
      case 'clock':
        instance.clock.adjust(random.pick(this.#areClocksSetBack ? [-HOUR_MS, -500, 500] : [500, HOUR_MS]));
        break;
      case 'restart':
        this.#instances[this.#instances.indexOf(instance)] = instance.restart(`i${this.#started++}`);
        break;
      case 'purge':
        // Changes are kept for longer than the longest lease.
        this.#store.purge(this.#timeline.now - 2 * LEASE_MS);
        break;
    }
  }

  #newText(): string {
    const letters = Array.from({ length: RANDOM_LENGTH }, () =>
      BASE62.charAt(this.#random.below(BASE62.length)),
    );
    return secretText('lk_live', letters.join(''));
  }
}

function recordOf(key: Key): KeyRecord {
  return { key, secretRetiresAt: null, status: { workspace: 'active', owner: 'active', cap: null } };
}

function stateOf({ revokedAt, isActive }: Key): KeyState {
  if (revokedAt !== null) return 'revoked';
  return isActive ? 'active' : 'disabled';
}

import { setImmediate as afterEvents } from 'node:timers/promises';
import type { VerdictCode } from '@latchkey/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Key } from '../../src/domain/keys/key.ts';
import { Random, seedFrom } from '../harness/random.ts';
import { asking, openVerification, type Verification } from '../harness/verification.ts';
import { proofSize } from './sizes.ts';

const INTERLEAVINGS = proofSize('STALE_FILLS');
const SEED = seedFrom('STALE_FILLS_SEED');
const STEPS_MAX = 10;
const OVERLAP_MS = 5_000;

let world: Verification;

beforeAll(async () => {
  world = await openVerification(100);
});
afterAll(() => world.close());

/** A secret with its verdict after each change. */
interface Secret {
  readonly text: string;
  /** The last one is the current verdict, or the verdict after the pending change. */
  readonly codes: VerdictCode[];
  retiresAt: number | null;
}

const figures = { verifications: 0, valid: 0, changes: 0, stale: 0 };

/** One key, its changes, and verifications whose look-ups are held back while it changes. */
class Interleaving {
  readonly #random: Random;
  readonly #secrets: Secret[];
  readonly #verifications: Promise<void>[] = [];
  #key: Key;
  #revoked = false;
  /** How many changes are acknowledged. */
  #acknowledged = 0;

  constructor(random: Random, { key, text }: { key: Key; text: string }) {
    this.#random = random;
    this.#key = key;
    this.#secrets = [{ text, codes: ['VALID'], retiresAt: null }];
  }

  async run(): Promise<void> {
    for (let step = 1 + this.#random.below(STEPS_MAX); step > 0; step--) await this.#step();
    world.lookup.isStalling = false;
    world.lookup.releaseAll();
    await Promise.all(this.#verifications);
    // Memory now has the results of the last look-ups: one more change must invalidate all of them.
    await this.#verifyAll();
    await this.#change();
    await this.#verifyAll();
  }

  async #step(): Promise<void> {
    const { lookup } = world;
    lookup.isStalling = this.#random.chance(0.7);
    const kind = this.#random.pick(['verify', 'verify', 'read', 'release', 'change', 'change', 'change']);
    if (kind === 'verify') this.#verifications.push(this.#verify(this.#random.pick(this.#secrets)));
    else if (kind === 'read') await afterEvents();
    else if (kind === 'release') lookup.release(this.#random.below(Math.max(1, lookup.held)));
    else await this.#change();
  }

  async #change(): Promise<void> {
    const kind = this.#random.pick(['switch', 'switch', 'switch', 'switch', 'rename', 'rotate', 'revoke']);
    if (this.#revoked) return;
    figures.changes++;
    figures.stale += world.lookup.held;
    if (kind === 'rotate') await this.#rotate(this.#random.pick([0, OVERLAP_MS]));
    else if (kind === 'revoke') await this.#update({ revokedAt: world.clock.now() });
    else if (kind === 'rename') await this.#update({ name: `Key ${this.#random.below(100)}` });
    else await this.#update({ isActive: this.#random.chance(0.5) });
  }

  async #update(changes: Partial<Key>): Promise<void> {
    const key = { ...this.#key, ...changes };
    this.#expect(key);
    const isWritten = await world.storage.transact(({ keys }) => keys.update(key));
    expect(isWritten).toBe(true);
    this.#key = { ...key, version: key.version + 1 };
    this.#revoked = key.revokedAt !== null;
    this.#acknowledged++;
  }

  async #rotate(overlapMs: number): Promise<void> {
    const now = world.clock.now();
    for (const secret of this.#secrets) {
      const isPresent = secret.retiresAt === null;
      if (isPresent || (secret.retiresAt ?? 0) > now) secret.retiresAt = isPresent ? now + overlapMs : now;
    }
    this.#expect(this.#key);
    const text = await world.rotate(this.#key, now + overlapMs);
    const { codes } = this.#secrets.at(-1) as Secret;
    this.#key = { ...this.#key, version: this.#key.version + 1 };
    this.#acknowledged++;
    const code = this.#codeOf(this.#key, null);
    this.#secrets.push({ text, codes: codes.map(() => code), retiresAt: null });
  }

  #expect(key: Key): void {
    for (const { codes, retiresAt } of this.#secrets) codes.push(this.#codeOf(key, retiresAt));
  }

  #codeOf(key: Key, retiresAt: number | null): VerdictCode {
    if (key.revokedAt !== null) return 'KEY_REVOKED';
    if (retiresAt !== null && retiresAt <= world.clock.now()) return 'KEY_REVOKED';
    return key.isActive ? 'VALID' : 'KEY_DISABLED';
  }

  async #verifyAll(): Promise<void> {
    await Promise.all(this.#secrets.map((secret) => this.#verify(secret)));
  }

  /** The allowed verdicts: the one acknowledged when the verification began, and those that became true before it ended. */
  async #verify({ text, codes }: Secret): Promise<void> {
    const from = this.#acknowledged;
    const { code } = await world.verifier.verify(asking(text));
    figures.verifications++;
    if (code === 'VALID') figures.valid++;
    expect(codes.slice(from), `from change ${from} of ${codes.join()}`).toContain(code);
  }
}

test(`in ${INTERLEAVINGS} interleavings of held-back look-ups with changes, no verification returns a verdict that was stale when it began`, async () => {
  const random = new Random(SEED);
  console.log(`stale fills: STALE_FILLS_SEED=${SEED}`);
  for (let count = 0; count < INTERLEAVINGS; count++)
    await new Interleaving(random, await world.issue()).run();
  console.log(`stale fills: ${JSON.stringify({ ...figures, lookups: world.lookup.lookups })}`);
  expect(figures.stale).toBeGreaterThan(INTERLEAVINGS / 10);
});

test('a key that was revoked while it was looked up is never valid again, one that was enabled is at once', async () => {
  const { verifier, lookup, storage } = world;
  const revoked = await world.issue();
  const enabled = await world.issue({ isActive: false });
  lookup.isStalling = true;
  const early = [revoked, enabled].map(({ text }) => verifier.verify(asking(text)));
  await lookup.untilHeld(2);
  lookup.isStalling = false;
  await storage.keys.update({ ...revoked.key, revokedAt: world.clock.now() });
  await storage.keys.update({ ...enabled.key, isActive: true });
  const codes = async () => {
    const verdicts = [revoked, enabled].map(({ text }) => verifier.verify(asking(text)));
    return (await Promise.all(verdicts)).map(({ code }) => code);
  };
  const late = codes();
  lookup.releaseAll();
  await Promise.all(early);
  expect(await late).toEqual(['KEY_REVOKED', 'VALID']);
  expect(await codes()).toEqual(['KEY_REVOKED', 'VALID']);
});

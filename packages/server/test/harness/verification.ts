import { hintOf } from '@latchkey/contract';
import { expect } from 'vitest';
import { LeasedCounters } from '../../src/counters/leased-counters.ts';
import type { Key } from '../../src/domain/keys/key.ts';
import { newId } from '../../src/domain/shared/id.ts';
import type { Keyring } from '../../src/domain/shared/keyring.ts';
import { generateKeyText } from '../../src/domain/shared/tokens.ts';
import type { Person } from '../../src/domain/tenancy/member.ts';
import type { Workspace } from '../../src/domain/tenancy/workspace.ts';
import { UsageRecorder } from '../../src/domain/usage/usage-recorder.ts';
import { Verifier, type VerifyInput } from '../../src/domain/verification/verifier.ts';
import { KeyExistenceFilter } from '../../src/replica/key-existence-filter.ts';
import { KeyReplica } from '../../src/replica/key-replica.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { openSuiteDatabase } from '../../src/storage/suites/open-suite-database.ts';
import { aKey, HELD, seedWorkspace } from '../../src/storage/suites/suite-database.ts';
import { StallingLookup } from './stalling-lookup.ts';
import { TestClock } from './test-clock.ts';

export interface Issued {
  readonly key: Key;
  readonly text: string;
}

/** Verification from memory over a real database, with a clock that only tests move, and one workspace with its owner. */
export interface Verification {
  readonly storage: Storage;
  readonly keyring: Keyring;
  readonly clock: TestClock;
  readonly lookup: StallingLookup;
  readonly known: KeyExistenceFilter;
  readonly replica: KeyReplica;
  readonly counters: LeasedCounters;
  readonly usage: UsageRecorder;
  readonly verifier: Verifier;
  readonly workspace: Workspace;
  readonly owner: Person;
  /** Stores a key; by default one of the owner. */
  issue(changes?: Partial<Key>): Promise<Issued>;
  /** Gives the key another secret, and returns its text. */
  rotate(key: Pick<Key, 'id' | 'workspaceId'>, retireAt: number): Promise<string>;
  close(): Promise<void>;
}

export async function openVerification(memoryKeys = 1_000): Promise<Verification> {
  const database = await openSuiteDatabase();
  const { storage, keyring, close } = database;
  const clock = new TestClock();
  const { feed } = storage;
  const lookup = new StallingLookup(storage.keys);
  const known = new KeyExistenceFilter(lookup, feed);
  const replica = new KeyReplica(
    { lookup, feed, keyring, known, clock, catalogue: storage.catalogue },
    memoryKeys,
  );
  const counters = new LeasedCounters(storage.dayQuotas, clock);
  const usage = new UsageRecorder({ unitOfWork: storage, onUncounted: () => expect.unreachable() });
  const onAltered = () => expect.unreachable();
  const verifier = new Verifier({
    replica,
    storedDigest: async (keyText) => keyring.digest(keyText),
    counters,
    usage,
    clock,
    onAltered,
  });
  const { workspace, owner } = await seedWorkspace(database);
  const secretOf = (text: string) => ({
    digest: keyring.digest(text),
    hint: hintOf(text),
    pepperId: keyring.pepperId,
    createdAt: clock.now(),
  });
  return {
    ...{
      storage,
      keyring,
      clock,
      lookup,
      known,
      replica,
      counters,
      usage,
      verifier,
      workspace,
      owner,
      close,
    },
    async issue(changes = {}) {
      const text = generateKeyText('lk', 'live');
      const key = aKey(workspace.id, owner, { hint: hintOf(text), createdAt: clock.now(), ...changes });
      await storage.keys.insert(key, secretOf(text), HELD);
      return { key, text };
    },
    async rotate({ id, workspaceId }, retireAt) {
      const text = generateKeyText('lk', 'live');
      await storage.keys.replaceSecret(workspaceId, id, secretOf(text), clock.now(), retireAt);
      return text;
    },
  };
}

/** A verification at cost 0 without permissions: whether the key can be used at all. */
export function asking(keyText: string, changes: Partial<VerifyInput> = {}): VerifyInput {
  return { keyText, workspaceId: null, permissions: [], cost: 0, ...changes };
}

/** Adds another member to the workspace. */
export async function addMember({ storage, clock }: Verification, workspaceId: string, roleId: string) {
  const id = newId('usr');
  const person: Person = { id, email: `${id}@example.com`, displayName: 'Member' };
  await storage.members.insertPerson(workspaceId, person, clock.now());
  const times = { createdAt: clock.now(), updatedAt: clock.now() };
  const membership = { workspaceId, userId: id, roleId, status: 'active', ...times } as const;
  await storage.members.insert(membership);
  return { person, membership };
}

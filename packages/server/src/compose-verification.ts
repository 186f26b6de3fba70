import type { Logger } from 'pino';
import { joinInstances } from './compose-instances.ts';
import type { CounterStore } from './counters/counter-store.ts';
import { LeasedCounters } from './counters/leased-counters.ts';
import { SharedCounters } from './counters/shared-counters.ts';
import type { Waiting, WhenDown } from './counters/shared-minutes.ts';
import { StoreClient } from './counters/store-client.ts';
import type { InstanceHealth } from './domain/host/instances.ts';
import type { Key } from './domain/keys/key.ts';
import { SecretRehash } from './domain/keys/secret-rehash.ts';
import type { Clock, MonotonicClock } from './domain/shared/clock.ts';
import type { Keyring } from './domain/shared/keyring.ts';
import type { Tracer } from './domain/shared/telemetry.ts';
import type { UsageRecorder } from './domain/usage/usage-recorder.ts';
import { Verifier } from './domain/verification/verifier.ts';
import { reportOutage } from './log-output.ts';
import { KeyExistenceFilter } from './replica/key-existence-filter.ts';
import { KeyReplica } from './replica/key-replica.ts';
import type { JoinedInstances } from './storage/instances.ts';
import type { Storage } from './storage/storage.ts';

/** What verifications need of the parts of a service. */
export interface VerificationParts {
  readonly storage: Storage;
  readonly keyring: Keyring;
  readonly clock: Clock & MonotonicClock;
  readonly logger: Logger;
  /** The number of keys that are cached in memory. */
  readonly memoryKeys: number;
  /** The last error in the log; left out: there is none. */
  readonly lastError?: () => InstanceHealth['lastError'];
  /** Null or left out: calls per minute are counted in memory. Closed with the service. */
  readonly limits?: SharedLimits | null;
  /** Null or left out: no traces are recorded. */
  readonly tracer?: Tracer | null;
}

/** Where several instances count the calls per minute. */
export interface SharedLimits {
  readonly store: CounterStore;
  readonly whenDown: WhenDown;
}

/** What verifies keys: the verifier with the keys in memory, the counters, and the other instances that must be told. */
export async function openVerification(parts: VerificationParts, usage: UsageRecorder) {
  const { storage, keyring, clock, logger, memoryKeys } = parts;
  const { keys, feed, catalogue, shared } = storage;
  const known = new KeyExistenceFilter(keys, feed);
  const lookup = storage.credentials.keys;
  const secretRehash = new SecretRehash({ unitOfWork: storage, lookup, keyring });
  const onOtherDigest = (keyText: string, key: Key) => secretRehash.add(keyText, key);
  const replicaNeeds = { lookup, feed, keyring, onOtherDigest, known, catalogue, clock, shared };
  const replica = new KeyReplica(replicaNeeds, memoryKeys);
  const instances = joinInstances(parts, replica);
  const sharedCounters = await openSharedCounters(parts, instances);
  const counters = sharedCounters ?? new LeasedCounters(storage.dayQuotas, clock);
  const storedDigest = (keyText: string) => secretRehash.storedDigest(keyText);
  const onAltered = reportAltered(logger);
  const verifier = new Verifier({ storedDigest, replica, counters, usage, clock, onAltered });
  return { known, replica, secretRehash, instances, counters, sharedCounters, verifier };
}

/**
 * Waits up to a second for the counter store; if it does not answer, the service starts without it. Null if calls per minute
 * are counted in memory.
 */
async function openSharedCounters(
  { storage, clock, logger, limits = null, tracer = null }: VerificationParts,
  instances: JoinedInstances,
): Promise<SharedCounters | null> {
  if (!limits) return null;
  const { store, whenDown } = limits;
  const fields = { counterStore: store.description, whenDown };
  const gone = 'the counter store does not answer';
  const report = reportOutage(logger, gone, 'the counter store answers again', fields);
  const listed = () => instances.count;
  const client = new StoreClient({ store, instance: instances.id, clock, listed, report });
  await client.start();
  const days = new LeasedCounters(storage.dayQuotas, clock, { instances: () => client.health.instances });
  const system = { 'db.system.name': store.system };
  const waiting: Waiting | undefined = tracer ? (wait) => tracer.span('COUNT', system, wait) : undefined;
  return new SharedCounters(client, days, clock, { whenDown, sweepStore: () => store.sweep(), waiting });
}

function reportAltered(logger: Logger) {
  return ({ id: keyId, workspaceId }: { id: string; workspaceId: string }): void => {
    logger.error({ keyId, workspaceId }, 'a stored key was altered outside Latchkey and is denied');
  };
}

import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { pid } from 'node:process';
import type { Logger } from 'pino';
import type { InstanceHealth } from './domain/host/instances.ts';
import type { Clock } from './domain/shared/clock.ts';
import { newId } from './domain/shared/id.ts';
import type { Keyring } from './domain/shared/keyring.ts';
import { reportOutage } from './log-output.ts';
import { type JoinedInstances, loneInstance, SharedInstances } from './storage/instances.ts';
import type { Storage } from './storage/storage.ts';

interface InstanceParts {
  readonly storage: Pick<Storage, 'shared' | 'peers'>;
  readonly keyring: Pick<Keyring, 'pepperIds'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly lastError?: () => InstanceHealth['lastError'];
}

/** The instances over the database, of which this process is one. `cached`: its keys in memory. */
export function joinInstances(
  { storage, keyring, clock, logger, lastError }: InstanceParts,
  cached: { readonly size: number },
): JoinedInstances {
  const { shared, peers } = storage;
  const { pepperIds } = keyring;
  const started = { version: readVersion(), host: hostname(), pid, startedAt: clock.now(), pepperIds };
  const instance = { id: newId('ins'), ...started };
  const health = () => ({
    cachedKeys: cached.size,
    // A single instance has no lag: a change is acknowledged only after its cached keys were invalidated.
    lagMs: Math.min(shared?.lagMs ?? 0, LAG_MS_MAX),
    lastError: lastError?.() ?? null,
  });
  if (!shared || !peers) return loneInstance(instance, health, clock);
  const { leaseMs } = shared;
  const gone = 'the heartbeat of this instance cannot be written';
  const report = reportOutage(logger, gone, 'the heartbeat of this instance is written again');
  const joined = new SharedInstances({ instance, peers, health, leaseMs, report });
  shared.onReceipts = (receipts) => joined.confirm(receipts);
  return joined;
}

/** Shown for an instance that has not read any changes yet. */
const LAG_MS_MAX = 2 ** 31 - 1;

/** The version of this build: that of the package that contains it. */
function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { version }: { readonly version: string } = JSON.parse(text);
  return version;
}

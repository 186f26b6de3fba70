import { VERDICT_CODES } from '@latchkey/contract';
import type { SharedCounters } from './counters/shared-counters.ts';
import type { Instances } from './domain/host/instances.ts';
import type { Metric, Sample } from './domain/shared/telemetry.ts';
import type { UsageRecorder } from './domain/usage/usage-recorder.ts';
import type { Verifier } from './domain/verification/verifier.ts';
import type { HttpServer } from './http/server.ts';
import type { Storage } from './storage/storage.ts';

export interface MeasuredParts {
  readonly app: Pick<HttpServer, 'metrics'>;
  readonly verifier: Pick<Verifier, 'verdicts'>;
  readonly recorder: Pick<UsageRecorder, 'pending'>;
  readonly replica: { readonly size: number };
  readonly storage: Pick<Storage, 'shared' | 'connections'>;
  readonly instances: Pick<Instances, 'count'>;
  readonly sharedCounters: Pick<SharedCounters, 'decidedAlone'> | null;
}

/** The names of metrics, without the prefix of all of them. */
const PREFIX = 'latchkey_';

/** All metrics of the service, in the order in which they are shown. */
export function metricsOf({
  app,
  verifier,
  recorder,
  replica,
  storage,
  instances,
  sharedCounters,
}: MeasuredParts): Metric[] {
  const one = (value: number): Sample[] => [{ value }];
  return [
    {
      name: 'verifications_total',
      help: 'Verdicts about keys, by code.',
      type: 'counter',
      samples: () => VERDICT_CODES.map((code) => ({ labels: { code }, value: verifier.verdicts[code] })),
    },
    ...app.metrics(),
    {
      name: 'cached_keys',
      help: 'Keys in memory.',
      type: 'gauge',
      samples: () => one(replica.size),
    },
    {
      name: 'pending_usage',
      help: 'Counts of usage that wait to be written, one for each key and minute.',
      type: 'gauge',
      samples: () => one(recorder.pending),
    },
    {
      name: 'instances',
      help: 'Live instances over the database, as of the last heartbeat of this one.',
      type: 'gauge',
      samples: () => one(instances.count),
    },
    ...connectionMetrics(storage),
    ...feedMetrics(storage),
    ...counterMetrics(sharedCounters),
  ];
}

function connectionMetrics({ connections }: Pick<Storage, 'connections'>): Metric[] {
  if (connections().length === 0) return [];
  return [
    {
      name: 'database_connections',
      help: 'Connections to the database, by purpose and state.',
      type: 'gauge',
      samples: () =>
        connections().flatMap(({ purpose, used, idle }) => [
          { labels: { purpose, state: 'used' }, value: used },
          { labels: { purpose, state: 'idle' }, value: idle },
        ]),
    },
    {
      name: 'database_waiting',
      help: 'Callers that wait for a connection, by purpose.',
      type: 'gauge',
      samples: () => connections().map(({ purpose, waiting }) => ({ labels: { purpose }, value: waiting })),
    },
  ];
}

/** None if calls per minute are counted in memory. */
function counterMetrics(counters: MeasuredParts['sharedCounters']): Metric[] {
  if (!counters) return [];
  return [
    {
      name: 'limits_decided_alone_total',
      help: 'Calls of keys with a limit per minute that were decided without the counter store.',
      type: 'counter',
      samples: () => [{ value: counters.decidedAlone }],
    },
  ];
}

/** How the instance hears of the changes of others; none if it is the only one. */
function feedMetrics({ shared }: Pick<Storage, 'shared'>): Metric[] {
  if (!shared) return [];
  return [
    {
      name: 'feed_polls_total',
      help: 'Polls of changes that have begun.',
      type: 'counter',
      samples: () => [{ value: shared.polls }],
    },
    {
      name: 'feed_changes_total',
      help: 'Changes that polls have read; divided by the polls, the size of a batch.',
      type: 'counter',
      samples: () => [{ value: shared.changes }],
    },
    {
      name: 'feed_lag_seconds',
      help: 'Time since the start of the last poll that succeeded.',
      type: 'gauge',
      samples: () => [{ value: shared.lagMs / 1_000 }],
    },
    {
      name: 'feed_lease_held',
      help: '1: keys are verified from memory; 0: the lease has ended, and each verification reads the database.',
      type: 'gauge',
      samples: () => [{ value: shared.isCurrent() ? 1 : 0 }],
    },
  ];
}

/**
 * Returns a function that resolves with the metrics as Prometheus reads them, and those of the process, such as its memory and
 * the delay of its event loop. The library is loaded at the first call.
 */
export function metricsText(metrics: readonly Metric[]): () => Promise<string> {
  let registry: Promise<{ metrics(): Promise<string> }> | null = null;
  return async () => {
    registry ??= registryOf(metrics);
    return (await registry).metrics();
  };
}

async function registryOf(metrics: readonly Metric[]) {
  const { default: prometheus } = await import('prom-client');
  const registry = new prometheus.Registry();
  for (const { name: shortName, help, type, samples } of metrics) {
    const name = PREFIX + shortName;
    const get = async () => ({
      name,
      help,
      type,
      aggregator: 'sum',
      values: samples().map(({ suffix = '', labels = {}, value }) => ({
        metricName: name + suffix,
        labels,
        value,
      })),
    });
    // Any object with a name and values will do, but the types of the library name its own classes only.
    registry.registerMetric({ name, get } as never);
  }
  prometheus.collectDefaultMetrics({ register: registry });
  return registry;
}

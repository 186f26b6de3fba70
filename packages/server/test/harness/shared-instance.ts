import type { CounterStore } from '../../src/counters/counter-store.ts';
import { LeasedCounters } from '../../src/counters/leased-counters.ts';
import { SharedCounters } from '../../src/counters/shared-counters.ts';
import type { WhenDown } from '../../src/counters/shared-minutes.ts';
import { StoreClient } from '../../src/counters/store-client.ts';
import { type Clock, type MonotonicClock, systemClock } from '../../src/domain/shared/clock.ts';
import { newId } from '../../src/domain/shared/id.ts';
import type { DayQuotaStore } from '../../src/domain/verification/limits/day-quota-store.ts';

/** The limits of one instance over a counter store, without the rest of a service. */
export interface SharedInstance {
  readonly counters: SharedCounters;
  readonly client: StoreClient;
  /** What was reported: an error, or null when the store was back. */
  readonly reports: unknown[];
}

export interface SharedInstanceOptions {
  readonly store: CounterStore;
  readonly days: DayQuotaStore;
  readonly clock?: Clock & MonotonicClock;
  readonly whenDown?: WhenDown;
  /** As in `StoreHealthNeeds`; left out: 1. */
  readonly listed?: () => number;
}

export async function openSharedInstance({
  store,
  days,
  clock = systemClock,
  whenDown = 'share',
  listed = () => 1,
}: SharedInstanceOptions): Promise<SharedInstance> {
  const reports: unknown[] = [];
  const report = (error: unknown) => reports.push(error);
  const client = new StoreClient({ store, instance: newId('ins'), clock, listed, report });
  await client.start();
  const leases = new LeasedCounters(days, clock, { instances: () => client.health.instances });
  const sweepStore = () => store.sweep();
  return { counters: new SharedCounters(client, leases, clock, { whenDown, sweepStore }), client, reports };
}

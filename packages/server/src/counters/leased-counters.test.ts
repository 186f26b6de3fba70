import { BUILT_IN_CATALOGUE } from '@latchkey/contract';
import { Keyring } from '../domain/shared/keyring.ts';
import { openStorage } from '../storage/storage.ts';
import { LeasedCounters } from './leased-counters.ts';
import { quotaCountersSuite } from './suites/quota-counters.suite.ts';

quotaCountersSuite(async () => {
  const clock = { now: () => 0 };
  const storage = await openStorage(
    'file::memory:',
    new Keyring(Buffer.alloc(32, 4)),
    clock,
    BUILT_IN_CATALOGUE,
  );
  return {
    counters: new LeasedCounters(storage.dayQuotas),
    afterCrash: () => new LeasedCounters(storage.dayQuotas),
    close: () => storage.close(),
  };
});

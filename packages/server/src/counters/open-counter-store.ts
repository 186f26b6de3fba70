import { setTimeout as pause } from 'node:timers/promises';
import type { CounterStore } from './counter-store.ts';

const CHECK_MS_MAX = 2_000;
const RETRY_MS = 50;

/** The store of the URL (`redis:`, `rediss:`, `postgres:` or `postgresql:`), which connects by itself. */
export async function openCounterStore(url: string): Promise<CounterStore> {
  // Imported only where they are used, since each import slows the start.
  if (url.startsWith('redis')) {
    const { RedisCounterStore } = await import('./redis-counter-store.ts');
    return new RedisCounterStore(url);
  }
  const { PostgresCounterStore } = await import('./postgres-counter-store.ts');
  return new PostgresCounterStore(url);
}

/** The description of the store, after an answer of it. Throws if there is none within two seconds. */
export async function checkCounterStore(url: string): Promise<string> {
  const store = await openCounterStore(url);
  const ends = performance.now() + CHECK_MS_MAX;
  try {
    for (;;) {
      const error = await store.count('', []).then(
        () => null,
        (cause: unknown) => cause as Error,
      );
      if (!error) return store.description;
      if (performance.now() >= ends) throw error;
      await pause(RETRY_MS);
    }
  } finally {
    await store.close();
  }
}

import { expectSuccess, KEYS, type Load } from './change.ts';
import { pickFrom } from './ledger.ts';

const DAY_MS = 86_400_000;
/** Limits with one call per lease, and with many. */
const DAY_LIMITS = [40, 5_000];
/** The number of keys that are watched; older ones have little quota left, since each crash loses a lease. */
const WATCHED = 4;

interface WatchedKey {
  readonly secret: string;
  readonly limit: number;
  /** Days since 1970-01-01, UTC. */
  day: number;
  /** The lowest remaining quota of the day in any answer. */
  least: number;
  /** Calls that were allowed. */
  spent: number;
}

/** Spends day quotas, and checks that no crash restores any of them. */
export class QuotaWatch {
  #keys: WatchedKey[] = [];

  /** Makes fresh keys to watch. */
  async renew(load: Load): Promise<void> {
    for (const limit of DAY_LIMITS) {
      const name = `plain-${load.unique()}`;
      const body = { name, userId: load.owner.userId, permissions: [], rateLimit: { requestsPerDay: limit } };
      const answer = await load.client.call('POST', KEYS, { as: load.owner.key, body });
      if (!expectSuccess(load, 'POST', KEYS, answer)) continue;
      const secret = answer.body.data.result.key;
      this.#keys.push({ secret, limit, day: today(), least: limit, spent: 0 });
    }
    this.#keys = this.#keys.slice(-WATCHED);
  }

  /** One call with one of the keys. */
  async spend(load: Load): Promise<void> {
    const key = pickFrom(load.random, this.#keys);
    if (!key) return;
    if (load.random.chance(0.5)) await this.#check(load, key);
    else await this.#verify(load, key, 1 + load.random.below(3));
  }

  /** Checks the remaining quota while no client makes calls: it must not be more than before. */
  async look(load: Load): Promise<void> {
    for (const key of this.#keys) {
      const { least, spent, day } = key;
      const left = await this.#verify(load, key, 0);
      const isSameDay = day === today() && day === key.day;
      if (!isSameDay || left <= Math.min(least, key.limit - spent)) continue;
      const what = `${left} left of ${key.limit} after ${spent} calls and an answer with ${least} left`;
      load.report.find('lost', load.cycle, `day quota: ${what}`);
    }
  }

  async #check(load: Load, key: WatchedKey): Promise<void> {
    const day = today();
    const { status, headers } = await load.client.call('GET', `${KEYS}/check`, { as: key.secret });
    const left = /"day";r=(\d+)/.exec(String(headers.ratelimit))?.[1];
    observe(load, key, { day, left: Number(left), spent: status === 200 ? 1 : 0 });
  }

  async #verify(load: Load, key: WatchedKey, cost: number): Promise<number> {
    const day = today();
    const body = { key: key.secret, cost };
    const answer = await load.client.call('POST', `${KEYS}/verify`, { as: load.owner.key, body });
    const { valid, rateLimit } = answer.body.data.result;
    observe(load, key, { day, left: rateLimit.remainingToday, spent: valid ? cost : 0 });
    return rateLimit.remainingToday;
  }
}

function observe(load: Load, key: WatchedKey, seen: { day: number; left: number; spent: number }): void {
  // An answer from around midnight may belong to either day.
  if (seen.day !== today()) return;
  if (seen.day !== key.day) Object.assign(key, { day: seen.day, least: key.limit, spent: 0 });
  key.spent += seen.spent;
  key.least = Math.min(key.least, seen.left);
  if (seen.spent > 0) load.report.acknowledge('quota calls');
}

function today(): number {
  return Math.floor(Date.now() / DAY_MS);
}

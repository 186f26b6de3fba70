import { Redis } from 'ioredis';
import { nanoid } from 'nanoid';
import {
  type Answer,
  type Ask,
  COUNTED_MS,
  type Counted,
  type CounterStore,
  INSTANCE_ALIVE_MS,
  type Joined,
  type JoinRequest,
  REFILL_MS,
} from './counter-store.ts';

/** In braces, so that a cluster keeps all of them on one node. */
const PREFIX = '{latchkey}';
const EPOCH_KEY = `${PREFIX}:epoch`;
const INSTANCES_KEY = `${PREFIX}:instances`;

const CONNECT_MS_MAX = 1_000;
const RECONNECT_MS_MAX = 500;

const NOW = `
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end`;

const JOIN = `${NOW}
local instance, known, is_clock_set, fresh = ARGV[2], ARGV[3], ARGV[4] == '1', ARGV[5]
local epoch, since, is_suspect = unpack(redis.call('HMGET', KEYS[1], 'id', 'since', 'is_suspect'))
if not epoch or (is_clock_set and known == epoch) then
  is_suspect = epoch and '1' or '0'
  epoch, since = fresh, now
  redis.call('HSET', KEYS[1], 'id', epoch, 'since', since, 'is_suspect', is_suspect)
end
if known ~= '' and known ~= epoch and is_suspect == '0' then
  is_suspect = '1'
  redis.call('HSET', KEYS[1], 'is_suspect', is_suspect)
end
redis.call('ZADD', KEYS[2], now, instance)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', '(' .. (now - ${INSTANCE_ALIVE_MS}))
local refill = is_suspect == '1' and math.max(0, since + ${REFILL_MS} - now) or 0
return { now, epoch, refill, redis.call('ZCARD', KEYS[2]) }`;

/** A counter is a list of cells, packed: the instant of the latest call and the cost, from the oldest cell to the newest. */
const COUNT = `${NOW}
local epoch = redis.call('HGET', KEYS[1], 'id')
if epoch ~= ARGV[2] then return { now, epoch } end
local replies = { now, epoch }
for k = 2, #KEYS do
  local at = 3 + (k - 2) * 6
  local limit, cost, count = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local added, returned = tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
  local returned_second = math.floor(tonumber(ARGV[at + 5]) / 1000)
  local packed = redis.call('GET', KEYS[k])
  local old = packed and cmsgpack.unpack(packed) or {}
  local cells, size, used = {}, 0, 0
  for i = 1, #old, 2 do
    local latest, calls = old[i], old[i + 1]
    if returned > 0 and math.floor(latest / 1000) == returned_second then
      calls = math.max(0, calls - returned)
    end
    if latest > now - ${COUNTED_MS} and calls > 0 then
      cells[size + 1], cells[size + 2] = latest, calls
      size, used = size + 2, used + calls
    end
  end
  local admitted = 0
  if count > 0 then
    admitted = math.max(0, math.min(count, math.floor((limit - used - added) / cost)))
  end
  local taken = added + admitted * cost
  if taken > 0 then
    local newest = size > 0 and math.max(now, cells[size - 1]) or now
    if size > 0 and math.floor(cells[size - 1] / 1000) == math.floor(newest / 1000) then
      cells[size - 1], cells[size] = newest, cells[size] + taken
    else
      cells[size + 1], cells[size + 2] = newest, taken
      size = size + 2
    end
    used = used + taken
  end
  if taken > 0 or returned > 0 then
    redis.call('SET', KEYS[k], cmsgpack.pack(cells), 'PX', ${2 * COUNTED_MS})
  end
  local reset = size > 0 and cells[1] + ${COUNTED_MS} - now or 0
  local wait, left = 0, used
  for i = 1, size, 2 do
    if left + cost <= limit then break end
    left = left - cells[i + 1]
    wait = cells[i] + ${COUNTED_MS} - now
  end
  if cost > limit then wait = ${COUNTED_MS} end
  replies[#replies + 1], replies[#replies + 2] = admitted, used
  replies[#replies + 1], replies[#replies + 2] = reset, wait
end
return replies`;

interface Scripts {
  latchkeyJoin(keys: number, ...given: (string | number)[]): Promise<[number, string, number, number]>;
  latchkeyCount(keys: number, ...given: (string | number)[]): Promise<[number, string | null, ...number[]]>;
}

/**
 * Counters in Redis or Valkey: one script for each batch. Without an answer a script is not sent again.
 * Keys of an earlier epoch expire.
 */
export class RedisCounterStore implements CounterStore {
  readonly description: string;
  readonly system = 'redis';
  readonly #redis: Redis & Scripts;
  readonly #now: () => number | '';
  /** Why the connection was lost, or could not be made. */
  #problem: Error | null = null;

  /** `now` replaces the clock of the store in tests. */
  constructor(url: string, now: () => number | '' = () => '') {
    const { hostname, port, pathname } = new URL(url);
    const database = pathname.length > 1 ? `, database ${pathname.slice(1)}` : '';
    this.description = `Redis at ${hostname}:${port || 6379}${database}`;
    this.#now = now;
    const redis = new Redis(url, {
      connectTimeout: CONNECT_MS_MAX,
      connectionName: 'latchkey',
      keepAlive: 10_000,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (attempts) => Math.min(attempts * 50, RECONNECT_MS_MAX),
    });
    redis.on('error', (error: Error) => {
      this.#problem = error;
    });
    redis.on('ready', () => {
      this.#problem = null;
    });
    redis.defineCommand('latchkeyJoin', { lua: JOIN });
    redis.defineCommand('latchkeyCount', { lua: COUNT });
    this.#redis = redis as Redis & Scripts;
  }

  async join({ instance, epoch: known, isClockSet }: JoinRequest): Promise<Joined> {
    const given = [this.#now(), instance, known ?? '', isClockSet ? 1 : 0, nanoid(8)];
    const answer = this.#redis.latchkeyJoin(2, EPOCH_KEY, INSTANCES_KEY, ...given);
    const [now, epoch, refillMs, instances] = await answer.catch((error) => this.#fail(error));
    return { now, epoch, refillMs, instances };
  }

  async count(epoch: string, asks: readonly Ask[]): Promise<Answer> {
    const given: (string | number)[] = [EPOCH_KEY];
    for (const { keyId } of asks) given.push(`${PREFIX}:${epoch}:${keyId}`);
    given.push(this.#now(), epoch);
    for (const { limit, cost, count, added, returned, returnedAt } of asks)
      given.push(limit, cost, count, added, returned, returnedAt);
    const answer = this.#redis.latchkeyCount(asks.length + 1, ...given);
    const [now, current, ...numbers] = await answer.catch((error) => this.#fail(error));
    return { now, epoch: current ?? null, counted: countedOf(numbers) };
  }

  async leave(instance: string): Promise<void> {
    await this.#redis.zrem(INSTANCES_KEY, instance);
  }

  async sweep(): Promise<void> {}

  reconnect(): void {
    this.#redis.disconnect(true);
  }

  async close(): Promise<void> {
    this.#redis.disconnect();
  }

  #fail(error: unknown): never {
    const cause = this.#problem ?? (error as Error);
    throw new Error(`${this.description} does not answer: ${cause.message}`, { cause });
  }
}

function countedOf(numbers: readonly number[]): Counted[] {
  const counted: Counted[] = [];
  for (let at = 0; at + 3 < numbers.length; at += 4) {
    const [admitted = 0, used = 0, resetMs = 0, waitMs = 0] = numbers.slice(at, at + 4);
    counted.push({ admitted, used, resetMs, waitMs });
  }
  return counted;
}

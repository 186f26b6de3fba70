import pg from 'pg';
import { AppError } from '../../../domain/shared/app-error.ts';
import type { ConnectionUse } from '../engine.ts';
import { ConnectionLost, translated } from './errors.ts';

/** The maximum number of connections for each purpose: one purpose never waits for the connections of another. */
const SIZES = { changes: 8, reads: 4, lookups: 3, feed: 1 };
/** Milliseconds after which a statement without an answer fails, by purpose. */
const ANSWER_MS = { changes: 10_000, reads: 30_000, lookups: 5_000, feed: 2_000 };
/** Milliseconds that work waits for a connection. */
const WAIT_MS_MAX = 5_000;
/** The maximum number of callers that wait for one purpose. A further one fails at once, to bound the memory. */
const WAITING_MAX = 1_000;

type Purpose = keyof typeof SIZES;

const PURPOSES = Object.keys(SIZES) as Purpose[];

/** A connection that one caller uses. */
export interface Lease {
  /** Runs one unnamed statement, or several without parameters. Errors are those of `translated`. */
  query(sql: string, parameters?: readonly unknown[], timeoutMs?: number): Promise<pg.QueryResult>;
  /** Returns the connection to its pool; `isBroken`: closes it instead. */
  release(isBroken?: boolean): void;
}

/**
 * The connections of a database. When one is lost, all are: they are replaced by new ones, which a changed address or a new
 * primary answers, and `onLost` is called, since changes may have been missed.
 */
export class PostgresPools {
  readonly #url: string;
  readonly #onLost: () => void;
  #pools: Readonly<Record<Purpose, pg.Pool>>;
  #isClosed = false;

  constructor(url: string, onLost: () => void) {
    this.#url = url;
    this.#onLost = onLost;
    this.#pools = this.#open();
  }

  /** UNAVAILABLE if there is no connection within five seconds, or too many callers wait. */
  async lease(purpose: Purpose): Promise<Lease> {
    const pools = this.#pools;
    const pool = pools[purpose];
    if (pool.waitingCount >= WAITING_MAX)
      throw new AppError('UNAVAILABLE', { message: 'Too many statements are waiting' });
    const client = await pool.connect().catch((error: unknown) => {
      throw new AppError('UNAVAILABLE', { cause: error });
    });
    return {
      query: async (text, values = [], query_timeout = ANSWER_MS[purpose]) => {
        try {
          return await client.query({ text, values: values.map(sendable), query_timeout } as pg.QueryConfig);
        } catch (error) {
          const known = translated(error);
          if (known instanceof ConnectionLost) this.#drop(pools);
          throw known;
        }
      },
      release: (isBroken = false) => client.release(isBroken),
    };
  }

  /** Runs one statement on a connection of its own. */
  async query(
    purpose: Purpose,
    sql: string,
    parameters: readonly unknown[],
    timeoutMs?: number,
  ): Promise<pg.QueryResult> {
    const lease = await this.lease(purpose);
    let isBroken = false;
    try {
      return await lease.query(sql, parameters, timeoutMs);
    } catch (error) {
      isBroken = error instanceof ConnectionLost;
      throw error;
    } finally {
      lease.release(isBroken);
    }
  }

  uses(): ConnectionUse[] {
    return PURPOSES.map((purpose) => {
      const { totalCount, idleCount: idle, waitingCount: waiting } = this.#pools[purpose];
      return { purpose, used: totalCount - idle, idle, waiting };
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await endAll(this.#pools);
  }

  #open(): Record<Purpose, pg.Pool> {
    const pools = PURPOSES.map((purpose) => [purpose, newPool(this.#url, SIZES[purpose])] as const);
    const opened = Object.fromEntries(pools) as Record<Purpose, pg.Pool>;
    for (const [, pool] of pools) pool.on('error', () => this.#drop(opened));
    return opened;
  }

  /** Once for each set of pools, however many of its connections are lost. */
  #drop(pools: Readonly<Record<Purpose, pg.Pool>>): void {
    if (this.#isClosed || this.#pools !== pools) return;
    this.#pools = this.#open();
    void endAll(pools);
    this.#onLost();
  }
}

function newPool(connectionString: string, max: number): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max,
    application_name: 'latchkey',
    keepAlive: true,
    connectionTimeoutMillis: WAIT_MS_MAX,
    idleTimeoutMillis: 60_000,
    // Statements are sent without waiting for the answers of earlier ones.
    pipeline: true,
    types: { getTypeParser },
  } as pg.PoolConfig);
  // A connection that is cut while it is in use also fails its statements, which report it.
  return pool.on('connect', (client) => client.on('error', () => {}));
}

/** No text of PostgreSQL contains NUL, so that one in a search must not match: a noncharacter takes its place. */
function sendable(value: unknown): unknown {
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\uffff') : value;
}

const INT8 = 20;
const NUMERIC = 1700;

/** Counts, sums and instants as numbers: all of them are below 2^53. */
const getTypeParser: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === INT8 || oid === NUMERIC ? Number : pg.types.getTypeParser(oid, format as 'text');

async function endAll(pools: Readonly<Record<Purpose, pg.Pool>>): Promise<void> {
  await Promise.all(PURPOSES.map((purpose) => pools[purpose].end().catch(() => {})));
}

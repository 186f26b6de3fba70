import { Kysely } from 'kysely';
import type pg from 'pg';
import type { Tables } from '../../tables.ts';
import type { ConnectionUse, Standby, StandbyState } from '../engine.ts';
import { postgresDialect, type Read } from './dialect.ts';
import { isConflict } from './errors.ts';
import { PostgresPools } from './pools.ts';
import { checkStandby } from './standby-check.ts';

/** Milliseconds between two attempts to use a standby that has failed. */
const RETRY_MS = 5_000;

/** The instant at which the database was made, which a copy of it shares with no other database. */
const IDENTITY = 'select created_at from installation';

/**
 * Reads from a standby. As long as it does not answer, or is not a copy of the primary's database, the primary answers: no
 * read waits for a standby that is known to be gone, and none fails because of it.
 */
export class PostgresStandby implements Standby {
  readonly db: Kysely<Tables>;
  readonly #url: string;
  readonly #pools: PostgresPools;
  readonly #primary: PostgresPools;
  #isUsed = false;
  #isReported = false;
  #report: (error: unknown) => void = () => {};
  #retry: NodeJS.Timeout | null = null;

  constructor(url: string, primary: PostgresPools) {
    this.#url = url;
    this.#pools = new PostgresPools(url, () => {});
    this.#primary = primary;
    const read: Read = (sql, parameters) => this.#pools.query('reads', sql, parameters);
    this.db = new Kysely<Tables>({ dialect: postgresDialect(this.#pools, read) });
  }

  /** As in `Standby`. */
  start(report: (error: unknown) => void): void {
    this.#report = report;
    void this.#check();
    this.#retry = setInterval(() => void this.#check(), RETRY_MS);
    this.#retry.unref();
  }

  /** As in `Standby`. */
  check(): Promise<StandbyState> {
    return checkStandby(this.#url, this.#pools, this.#primary);
  }

  readonly read: Read = async (sql, parameters) => (await this.#ask(sql, parameters)).answer;

  /** Reads that are all answered by the server that has answered the first one. If it fails later, they fail. */
  onOneServer(): Read {
    let server: PostgresPools | null = null;
    return async (sql, parameters) => {
      if (server) return server.query('reads', sql, parameters);
      const first = await this.#ask(sql, parameters);
      server = first.server;
      return first.answer;
    };
  }

  async #ask(
    sql: string,
    parameters: readonly unknown[],
  ): Promise<{ answer: pg.QueryResult; server: PostgresPools }> {
    const ask = async (server: PostgresPools) => ({
      answer: await server.query('reads', sql, parameters),
      server,
    });
    if (!this.#isUsed) return ask(this.#primary);
    try {
      return await ask(this.#pools);
    } catch (error) {
      const answered = await ask(this.#primary);
      // A standby ends a long read that its replication conflicts with. It is not gone.
      if (!isConflict(error)) this.#fail(error);
      return answered;
    }
  }

  uses(): ConnectionUse[] {
    const reads = this.#pools.uses().filter(({ purpose }) => purpose === 'reads');
    return reads.map((use) => ({ ...use, purpose: 'standby' }));
  }

  async close(): Promise<void> {
    if (this.#retry) clearInterval(this.#retry);
    this.#report = () => {};
    await this.#pools.close();
  }

  async #check(): Promise<void> {
    if (this.#isUsed) return;
    const ask = async (pools: PostgresPools) => {
      const { rows } = await pools.query('reads', IDENTITY, [], RETRY_MS);
      return rows[0]?.created_at;
    };
    // A primary that does not answer says nothing of the standby: the next check asks both again.
    const own = await ask(this.#primary).catch(() => undefined);
    if (own === undefined) return;
    try {
      if ((await ask(this.#pools)) !== own)
        throw new Error('the database of DATABASE_READ_URL is not a copy of that of DATABASE_URL');
      this.#isUsed = true;
      if (this.#isReported) this.#report(null);
      this.#isReported = false;
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#isUsed = false;
    if (!this.#isReported) this.#report(error);
    this.#isReported = true;
  }
}

import { type Kysely, sql } from 'kysely';
import type { KeyStores } from '../domain/keys/key-stores.ts';
import type { Clock } from '../domain/shared/clock.ts';
import type { Keyring } from '../domain/shared/keyring.ts';
import type { UnitOfWork } from '../domain/shared/unit-of-work.ts';
import type { Database } from './engines/engine.ts';
import { engineFor } from './engines/registry.ts';
import { bindPepper } from './installation.ts';
import { migrate } from './migrations/migrate.ts';
import { SqlAuditStore } from './sql-audit-store.ts';
import { SqlDayQuotaStore } from './sql-day-quota-store.ts';
import { SqlKeyStore } from './sql-key-store.ts';
import { SqlReplayStore } from './sql-replay-store.ts';
import { SqlWorkspaceStore } from './sql-workspace-store.ts';
import type { Tables } from './tables.ts';

/** Every store over one open database. */
export class Storage implements UnitOfWork<KeyStores> {
  readonly keys: SqlKeyStore;
  readonly workspaces: SqlWorkspaceStore;
  readonly replays: SqlReplayStore;
  readonly dayQuotas: SqlDayQuotaStore;
  readonly audit: SqlAuditStore;
  readonly #database: Database;
  readonly #keyring: Keyring;

  constructor(database: Database, keyring: Keyring) {
    this.#database = database;
    this.#keyring = keyring;
    this.keys = new SqlKeyStore(database.db, keyring);
    this.workspaces = new SqlWorkspaceStore(database.db);
    this.replays = new SqlReplayStore(database.db);
    this.dayQuotas = new SqlDayQuotaStore(database.db);
    this.audit = new SqlAuditStore(database.db);
  }

  transact<T>(work: (stores: KeyStores) => Promise<T>): Promise<T> {
    return this.#database.db.transaction().execute((transaction) => work(this.#stores(transaction)));
  }

  /** Resolves where the database answers; else throws. */
  async ping(): Promise<void> {
    await sql`select 1`.execute(this.#database.db);
  }

  /** What is broken in the database, in the engine's words; empty where it is sound. Reads all of it. */
  findDamage(): Promise<readonly string[]> {
    return this.#database.findDamage();
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  #stores(db: Kysely<Tables>): KeyStores {
    return {
      keys: new SqlKeyStore(db, this.#keyring),
      workspaces: new SqlWorkspaceStore(db),
      replays: new SqlReplayStore(db),
      audit: new SqlAuditStore(db),
    };
  }
}

/**
 * Opens the database behind the URL, brings its schema up to date and checks that it belongs to the pepper. Throws
 * OperatorError, and leaves nothing open then.
 */
export async function openStorage(url: string, keyring: Keyring, clock: Clock): Promise<Storage> {
  const database = await engineFor(url).open(url);
  try {
    await migrate(database.db);
    await bindPepper(database.db, keyring.pepperId, clock.now());
    return new Storage(database, keyring);
  } catch (error) {
    await database.close();
    throw error;
  }
}

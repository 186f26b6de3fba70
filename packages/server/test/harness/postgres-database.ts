import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { TEMPLATE } from './postgres-server.ts';

/** A database of its own for a test file, with the current schema, and no data. */
export interface PostgresDatabase {
  readonly url: string;
  /** Ends all of its connections, and deletes it. */
  drop(): Promise<void>;
}

/** `template`: null for a database without tables. `server`: its URL; by default, that of the project. */
export async function createPostgresDatabase(
  template: string | null = TEMPLATE,
  server = inject('postgresServer'),
): Promise<PostgresDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const from = template === null ? '' : `template ${template} strategy file_copy`;
  await asAdministrator(server, `create database ${name} ${from}`);
  return {
    url: `${server}/${name}`,
    drop: () => asAdministrator(server, `drop database ${name} with (force)`),
  };
}

async function asAdministrator(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: `${server}/postgres` });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

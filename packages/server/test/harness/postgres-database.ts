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

/** `template`: null for a database without tables. */
export async function createPostgresDatabase(template: string | null = TEMPLATE): Promise<PostgresDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const from = template === null ? '' : `template ${template} strategy file_copy`;
  await asAdministrator(`create database ${name} ${from}`);
  return {
    url: `${inject('postgresServer')}/${name}`,
    drop: () => asAdministrator(`drop database ${name} with (force)`),
  };
}

async function asAdministrator(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: `${inject('postgresServer')}/postgres` });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

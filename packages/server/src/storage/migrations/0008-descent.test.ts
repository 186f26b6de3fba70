import { BUILT_IN_CATALOGUE } from '@latchkey/contract';
import { type Kysely, sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Keyring } from '../../domain/shared/keyring.ts';
import type { Database } from '../engines/engine.ts';
import { sqlite } from '../engines/sqlite.ts';
import { bindPepper } from '../pepper/pepper-binding.ts';
import { loadPermissionSets } from '../permission-sets/permission-sets.ts';
import { Storage } from '../storage.ts';
import { isInvitationIntact } from '../stores/sql-invitation-store.ts';
import type { Tables } from '../tables.ts';
import { up as firstTables } from './0001-first-tables.ts';
import { up as audit } from './0002-audit.ts';
import { up as sessions } from './0003-sessions.ts';
import { up as usage } from './0004-usage.ts';
import { up as listing } from './0005-listing.ts';
import { up as identity } from './0006-identity.ts';
import { up as retiredPermissions } from './0007-retired-permissions.ts';
import { up as descent } from './0008-descent.ts';

const BEFORE = [firstTables, audit, sessions, usage, listing, identity, retiredPermissions];
const keyring = new Keyring(Buffer.alloc(32, 3));

let database: Database;
let db: Kysely<Tables>;

beforeEach(async () => {
  database = await sqlite.open('file::memory:');
  db = database.db;
  for (const up of BEFORE) await up(db as unknown as Kysely<unknown>);
  await bindPepper(db, keyring, 1);
  for (const statement of ROWS) await sql.raw(statement).execute(db);
});
afterEach(() => database.close());

/** A workspace before the migration: a key made by a key, its session and invitations, and a member who accepted one. */
const ROWS = [
  `insert into permission_sets values ('set', '[]')`,
  `insert into workspaces values ('ws', 'W', 'lk', 'live', 'frozen', 1, 1, null, null)`,
  `insert into roles values ('role', 'ws', 'R', 'r', null, 'set', null, 1, 1)`,
  `insert into users values ('usr_o', 'o@example.com', 'o@example.com', 'O', 1)`,
  `insert into users values ('usr_a', 'A@example.com', 'a@example.com', 'A', 1)`,
  `insert into members values ('ws', 'usr_o', 'role', 'active', 1, 1)`,
  `insert into members values ('ws', 'usr_a', 'role', 'active', 1, 1)`,
  ...[`'key_1', null`, `'key_2', 'key_1'`].map((values) => {
    const [id, by] = values.split(', ');
    return `insert into api_keys values (${id}, 'ws', 'usr_o', 'K', 'k', 'h', 1, 'set', 'set', null, null, 1, 'key', 'usr_o', ${by}, null, null, null, null, 1, '')`;
  }),
  `insert into sessions values ('ses_1', 'ws', 'usr_o', 'key_1', 'd', 1, 1, 9, null, null, '')`,
  ...[`'inv_1', 'key_1', 'a@example.com', 2`, `'inv_2', null, 'b@example.com', null`].map((values) => {
    const [id, by, email, acceptedAt] = values.split(', ');
    return `insert into invitations values (${id}, 'ws', 'usr_o', ${by}, ${email}, ${email}, 'role', 'R', null, ${id}, 1, 1, 9, ${acceptedAt}, null)`;
  }),
];

async function storage(): Promise<Storage> {
  return new Storage(database, keyring, await loadPermissionSets(db, BUILT_IN_CATALOGUE));
}

test('older rows have the key that made them as parent, and members the invitation that they accepted', async () => {
  await descent(db, keyring);
  const { descent: store } = await storage();
  expect(await store.childrenOf('ws', ['key_1'])).toEqual([
    { kind: 'invitation', id: 'inv_1' },
    { kind: 'api-key', id: 'key_2' },
    { kind: 'session', id: 'ses_1' },
  ]);
  expect(await store.childrenOf('ws', ['inv_1'])).toEqual([{ kind: 'member', id: 'usr_a' }]);
  expect(await store.childrenOf('ws', ['inv_2', 'key_2'])).toEqual([]);
});

test('older invitations are sealed, and keep their tokens', async () => {
  await descent(db, keyring);
  const rows = await db.selectFrom('invitations').selectAll().execute();
  expect(rows.map(({ digest }) => digest)).toContain('inv_2');
  for (const row of rows) expect(isInvitationIntact(row, keyring), row.id).toBe(true);
});

test('a wrong pepper is denied before a row is sealed with it', async () => {
  const wrong = new Keyring(Buffer.alloc(32, 4));
  await expect(descent(db, wrong)).rejects.toThrow('made with another pepper');
});

test('the children of credentials are found without reading the whole table', async () => {
  await descent(db, keyring);
  const { rows } = await sql<{ detail: string }>`explain query plan
    select child_id from descent where workspace_id = 'ws' and (parent_id in ('a', 'b')
      or parent_id in (select digest from api_key_secrets where key_id in ('a', 'b')) or member_id in ('a', 'b'))
    order by child_id`.execute(db);
  expect(rows.map(({ detail }) => detail).filter((detail) => detail.includes('SCAN'))).toEqual([]);
});

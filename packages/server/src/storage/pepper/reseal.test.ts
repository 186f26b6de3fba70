import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BUILT_IN_CATALOGUE } from '@latchkey/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../domain/shared/clock.ts';
import { Keyring } from '../../domain/shared/keyring.ts';
import { engineFor } from '../engines/registry.ts';
import { openStorage } from '../open-storage.ts';
import { openSuiteDatabase } from '../suites/open-suite-database.ts';
import { aKey, aSecret, HELD, seedWorkspace } from '../suites/suite-database.ts';
import { resealAll } from './reseal.ts';
import { SEALED_TABLES, type SealedRow, sealedRows } from './sealed-tables.ts';

const OLDER = Buffer.alloc(32, 3);
const NEWER = Buffer.alloc(32, 9);
const SIGNAL = new AbortController().signal;

let folder: string;
let url: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'latchkey-reseal-'));
  url = `file:${path.join(folder, 'latchkey.db')}`;
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (keyring: Keyring) => openStorage(url, keyring, systemClock, BUILT_IN_CATALOGUE);

/** By table: how many rows there are, and how many the keyring finds intact. */
async function intactWith(keyring: Keyring): Promise<Record<string, [rows: number, intact: number]>> {
  const database = await engineFor(url).open(url);
  try {
    const counts: Record<string, [number, number]> = {};
    for (const table of SEALED_TABLES) {
      const all = sealedRows(database.db, table).selectAll(table.name);
      const rows: SealedRow[] = await (table.name === 'api_keys'
        ? all.select('permission_sets.permissions')
        : all
      ).execute();
      const intact = rows.filter((row) =>
        keyring.isIntact(row[table.sealColumn], table.kind, table.fieldsOf(row)),
      );
      counts[table.name] = [rows.length, intact.length];
    }
    return counts;
  } finally {
    await database.close();
  }
}

/** A workspace with at least one row in each table with seals. */
async function makeRows(): Promise<void> {
  const made = await openSuiteDatabase(url);
  const { keyring, db, storage } = made;
  const { workspace, owner } = await seedWorkspace(made);
  for (const digest of ['a', 'b', 'c'])
    await storage.keys.insert(aKey(workspace.id, owner), aSecret(digest), HELD);
  const sealed = <Row extends object>(name: string, row: Row): Row & { seal: string } => {
    const table = SEALED_TABLES.find((each) => each.name === name);
    return { ...row, seal: keyring.sealRow(table?.kind ?? '', table?.fieldsOf(row) ?? []) };
  };
  const user = await db.selectFrom('users').selectAll().executeTakeFirstOrThrow();
  const { id: user_id, workspace_id } = user;
  const at = { created_at: 1, expires_at: Number.MAX_SAFE_INTEGER };
  const issuer = { key_id: null, issuer_id: null, secret_digest: null };
  const account_id = 'acc_1';
  await db
    .insertInto('accounts')
    .values({ id: account_id, default_workspace_id: null, created_at: 1 })
    .execute();
  const claim = { account_id, claimed_at: 1, claim_seal: sealed('users', { ...user, account_id }).seal };
  await db.updateTable('users').set(claim).where('id', '=', user_id).execute();
  const session = { id: 'ses_1', workspace_id, user_id, account_id, ...issuer, digest: 'a', ...at };
  const place = { last_seen_at: 1, address: null, agent: null };
  await db
    .insertInto('sessions')
    .values(sealed('sessions', { ...session, ...place }))
    .execute();
  const link = { id: 'sil_1', workspace_id, user_id, ...at };
  await db
    .insertInto('sign_in_links')
    .values(sealed('sign_in_links', { ...link, ...issuer, digest: 'b' }))
    .execute();
  await db
    .insertInto('mailed_links')
    .values(sealed('mailed_links', { ...link, digest: 'c' }))
    .execute();
  const identity = { issuer: 'https://id.example.com', subject: 's', account_id, linked_at: 1 };
  await db.insertInto('identity_links').values(sealed('identity_links', identity)).execute();
  const address = { email_folded: 'a@example.com', account_id, proven_at: 1 };
  await db.insertInto('account_addresses').values(sealed('account_addresses', address)).execute();
  const sent = { inviter_id: user_id, inviter_key_id: null, inviter_secret_digest: null, digest: 'd' };
  const invited = {
    email: 'b@example.com',
    email_folded: 'b@example.com',
    role_id: 'role_1',
    role_name: 'Member',
  };
  const state = { message: null, mail_digest: null, updated_at: 1, accepted_at: null, revoked_at: null };
  const invitation = { id: 'inv_1', workspace_id, ...sent, ...invited, ...state, ...at };
  await db.insertInto('invitations').values(sealed('invitations', invitation)).execute();
  await made.close();
}

test('every table with a seal is sealed again, and altered rows never become intact', async () => {
  await makeRows();
  const counts = await intactWith(new Keyring(OLDER));
  for (const { name } of SEALED_TABLES) expect(counts[name]?.[0], name).toBeGreaterThan(0);
  const edited = await engineFor(url).open(url);
  const key = await edited.db.selectFrom('api_keys').select('id').executeTakeFirstOrThrow();
  await edited.db.updateTable('api_keys').set({ expires_at: 1 }).where('id', '=', key.id).execute();
  const stored = await edited.db.introspection.getTables();
  await edited.close();
  const sealed = stored.filter(({ columns }) => columns.some(({ name }) => /^(claim_)?seal$/.test(name)));
  expect(sealed.map(({ name }) => name).toSorted()).toEqual(SEALED_TABLES.map(({ name }) => name).toSorted());

  const rotating = await open(new Keyring(NEWER, [OLDER]));
  const before = await rotating.pepperState(systemClock.now());
  expect(before.rows).toBe(Object.values(counts).reduce((sum, [rows]) => sum + rows, 0));
  await rotating.reseal(SIGNAL);
  await rotating.reseal(SIGNAL);
  expect((await rotating.pepperState(systemClock.now())).rows).toBe(1);
  await rotating.close();
  const after = await intactWith(new Keyring(NEWER));
  for (const [name, [rows, intact]] of Object.entries(counts))
    expect([name, ...(after[name] ?? [])]).toEqual([name, rows, name === 'api_keys' ? intact - 1 : intact]);
});

test('a pass is whole exactly if no rows are left, also if it is aborted right after the last of them', async () => {
  await makeRows();
  const database = await engineFor(url).open(url);
  const keyring = new Keyring(NEWER, [OLDER]);
  /** Makes a pass that is aborted after this number of tables. Each of them has one page. */
  const abortedAfter = (tables: number) => {
    const abort = new AbortController();
    let done = 0;
    const transact: typeof database.transact = async (work) => {
      const result = await database.transact(work);
      done++;
      if (done === tables) abort.abort();
      return result;
    };
    return resealAll({ ...database, transact }, keyring, abort.signal);
  };
  const left = SEALED_TABLES.length - 1;
  expect((await abortedAfter(1)).isWhole).toBe(false);
  expect((await abortedAfter(left)).isWhole).toBe(true);
  expect(await abortedAfter(1)).toEqual({ sealed: 0, isWhole: true });
  await database.close();
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { BUILT_IN_CATALOGUE } from '@latchkey/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inject } from '../../../test/harness/inject.ts';
import { TestClock } from '../../../test/harness/test-clock.ts';
import { type Assembly, assemble } from '../../compose.ts';
import { verifyAuditExport } from '../../domain/audit/verify-audit-export.ts';
import { memberOfIdentity } from '../../domain/identity/member-of-identity.ts';
import { NO_CLIENT } from '../../domain/shared/caller.ts';
import { Keyring } from '../../domain/shared/keyring.ts';
import { createLogger } from '../../log-output.ts';
import { sqlite } from '../engines/sqlite.ts';
import { openStorage } from '../open-storage.ts';
import type { Storage } from '../storage.ts';
import { migrate } from './migrate.ts';

const FIXTURE = new URL('../../../test/fixtures/before-people/', import.meta.url);
const CONTENTS = JSON.parse(readFileSync(new URL('contents.json', FIXTURE), 'utf8'));
const { workspaces, people, keys, sessions } = CONTENTS;
const KEYRING = new Keyring(Buffer.alloc(32, 7));
const ISSUER = 'https://id.example';

let folder: string;
let storage: Storage;
let assembly: Assembly;
const clock = new TestClock(CONTENTS.madeAt);

const unpackTo = (name: string): string => {
  const file = join(folder, name);
  writeFileSync(file, gunzipSync(readFileSync(new URL('latchkey.db.gz', FIXTURE))));
  return `file:${file}`;
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-upgrade-'));
  storage = await openStorage(unpackTo('upgraded.db'), KEYRING, clock, BUILT_IN_CATALOGUE);
  const logger = createLogger('error', { write() {} });
  assembly = await assemble({
    storage,
    keyring: KEYRING,
    clock,
    logger,
    memoryKeys: 100,
    publicUrl: 'https://l.test',
  });
});
afterAll(async () => {
  await assembly.close();
  await storage.close();
  rmSync(folder, { recursive: true });
});

type Credential = { readonly key: string } | null;

async function call(method: 'GET' | 'POST', url: string, credential: Credential, payload?: object) {
  const headers = {
    host: 'l.test',
    origin: 'https://l.test',
    ...(credential && { authorization: `Bearer ${credential.key}` }),
  };
  const app = assembly.app;
  const answer = await inject(app, { method, url: `/api/v2${url}`, headers, ...(payload && { payload }) });
  return {
    status: answer.statusCode,
    text: answer.body,
    data: url.endsWith('export') ? null : answer.json().data,
  };
}

const callerBy = async (credential: Credential) => (await call('GET', '/me', credential)).data.result.caller;

const memberIn = async (workspaceId: string, email: string) => {
  const person = await storage.members.findPerson(workspaceId, email);
  return person && storage.members.find(workspaceId, person.id);
};

const identified = (subject: string, workspaceId: string | null) => {
  const { identities, members, accounts } = storage;
  const needs = { unitOfWork: storage, clock, identities, members, accounts, workspaces: storage.workspaces };
  const identity = {
    issuer: ISSUER,
    subject,
    email: `${subject}@example.com`,
    displayName: null,
    workspaceId,
  };
  return memberOfIdentity({ ...needs, provisioning: null }, identity, NO_CLIENT);
};

describe('a database from before people were separated by workspace', () => {
  test('a person of several workspaces without an identity becomes a local member of each, with the id in the oldest', async () => {
    const first = await memberIn(workspaces.alpha, 'olive@example.com');
    const second = await memberIn(workspaces.beta, 'olive@example.com');
    expect(first).toMatchObject({
      id: people.olive,
      accountId: null,
      isOwner: true,
      email: 'Olive@example.com',
    });
    expect(second).toMatchObject({ accountId: null, isOwner: true, displayName: 'Olive' });
    expect(second?.id).not.toBe(people.olive);
  });

  test('a linked identity becomes an account that has claimed the members, one or several', async () => {
    const ada = await memberIn(workspaces.alpha, 'ada@example.com');
    const adaInBeta = await memberIn(workspaces.beta, 'ada@example.com');
    const kim = await memberIn(workspaces.beta, 'kim@example.com');
    expect(ada).toMatchObject({ id: people.ada, accountId: expect.stringMatching(/^acc_/) });
    expect(adaInBeta).toMatchObject({ accountId: ada?.accountId });
    expect(adaInBeta?.id).not.toBe(people.ada);
    expect(kim).toMatchObject({ id: people.kim, accountId: expect.stringMatching(/^acc_/) });
    expect(kim?.accountId).not.toBe(ada?.accountId);
    expect((await identified('ada', null)).id).toBe(people.ada);
    expect((await identified('ada', workspaces.beta)).id).toBe(adaInBeta?.id);
    expect((await identified('kim', null)).id).toBe(people.kim);
  });

  test('a person with one membership and no identity keeps id and place, and is local', async () => {
    expect(await memberIn(workspaces.alpha, 'bob@example.com')).toMatchObject({
      id: people.bob,
      accountId: null,
    });
    expect(await memberIn(workspaces.beta, 'bob@example.com')).toBeNull();
  });

  test('people who left stay in the workspace that they left, and have no access', async () => {
    const lee = await storage.members.findPerson(workspaces.alpha, 'lee@example.com');
    const max = await storage.members.findPerson(workspaces.beta, 'max@example.com');
    expect([lee?.id, max?.id]).toEqual([people.lee, people.max]);
    expect(await storage.members.find(workspaces.alpha, people.lee)).toBeNull();
    await expect(identified('lee', null)).rejects.toMatchObject({ code: 'MEMBERSHIP_REQUIRED' });
  });

  test('keys verify as before, and their owner is the member of their workspace', async () => {
    for (const name of ['oliveInAlpha', 'oliveInBeta', 'adaInAlpha', 'adaInBeta', 'bobInAlpha']) {
      const { userId, workspaceId } = await callerBy({ key: keys[name].text });
      expect(workspaceId, name).toBe(name.endsWith('Alpha') ? workspaces.alpha : workspaces.beta);
      const email = `${name.split('In')[0]}@example.com`;
      expect(userId, name).toBe((await memberIn(workspaceId, email))?.id);
    }
    const { apiKey } = (await call('GET', `/api-keys/${keys.adaInBeta.id}`, { key: keys.oliveInBeta.text }))
      .data.result;
    const ada = await memberIn(workspaces.beta, 'ada@example.com');
    expect(apiKey).toMatchObject({
      userId: ada?.id,
      creator: { id: ada?.id },
      createdBy: { userId: ada?.id },
    });
  });

  test('a revoked key stays revoked, and a key that was edited outside the service stays invalid', async () => {
    const codeOf = async ({ text }: { text: string }) =>
      (await call('GET', '/me', { key: text })).data.error.code;
    expect(await codeOf(keys.leeInAlpha)).toBe('KEY_REVOKED');
    expect(await codeOf(keys.edited)).toBe('KEY_INVALID');
    const stored = await storage.keys.find(workspaces.beta, keys.edited.id);
    expect(stored?.isIntact).toBe(false);
  });

  test('sessions are those of the member of their workspace, intact, and prove no account', async () => {
    for (const [name, token] of Object.entries<string>(sessions)) {
      const session = await storage.sessions.findByDigest(KEYRING.digest(token));
      const workspaceId = name.endsWith('Alpha') ? workspaces.alpha : workspaces.beta;
      const member = await memberIn(workspaceId, `${name.split('In')[0]}@example.com`);
      expect(session, name).toMatchObject({ workspaceId, userId: member?.id, accountId: null });
    }
  });

  test('an open sign-in link is its member’s, and an open invitation can be accepted', async () => {
    const link = await storage.signInLinks.take(KEYRING.digest(CONTENTS.signInLink), clock.now());
    const olive = await memberIn(workspaces.beta, 'olive@example.com');
    expect(link).toMatchObject({ workspaceId: workspaces.beta, userId: olive?.id });
    const accepted = await call('POST', '/workspaces/invitations/accept', null, {
      token: CONTENTS.invitation,
    });
    expect(accepted.status, accepted.text).toBe(201);
    expect(accepted.data.result.member).toMatchObject({
      workspaceId: workspaces.beta,
      email: 'new@example.com',
    });
  });

  test('the audit log is unchanged, and its chain is valid', async () => {
    const log = await call('GET', '/workspaces/logs/export', { key: keys.oliveInBeta.text });
    const lines = log.text.split('\n').filter((line) => line !== '');
    const verdict = await verifyAuditExport(Readable.from(lines));
    expect(verdict).toMatchObject({ isIntact: true });
    expect(log.text).toContain(people.olive);
  });
});

test('another pepper is denied before anything is changed', async () => {
  const url = unpackTo('other-pepper.db');
  const database = await sqlite.open(url);
  const other = new Keyring(Buffer.alloc(32, 8));
  await expect(migrate(database.db, other)).rejects.toThrow('made with another pepper');
  const tables = await database.db.introspection.getTables();
  expect(tables.map(({ name }) => name)).not.toContain('accounts');
  await database.close();
});

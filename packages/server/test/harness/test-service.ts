import { BUILT_IN_CATALOGUE, type Catalogue, SESSION_COOKIE } from '@latchkey/contract';
import { expect } from 'vitest';
import { assemble, type IdentityParts, type Parts } from '../../src/compose.ts';
import { type Bootstrapped, bootstrapService } from '../../src/domain/bootstrap/bootstrap-service.ts';
import { createKey } from '../../src/domain/keys/create-key.ts';
import { openSession } from '../../src/domain/sessions/open-session.ts';
import { type Caller, NO_CLIENT, UNBOUNDED } from '../../src/domain/shared/caller.ts';
import { type Caps, DEFAULT_CAPS } from '../../src/domain/shared/caps.ts';
import { newId } from '../../src/domain/shared/id.ts';
import { Keyring } from '../../src/domain/shared/keyring.ts';
import type { Person } from '../../src/domain/tenancy/member.ts';
import { openWorkspace } from '../../src/domain/workspaces/open-workspace.ts';
import type { HttpServer } from '../../src/http/server.ts';
import { createLogger } from '../../src/log-output.ts';
import type { Database } from '../../src/storage/engines/engine.ts';
import { loadPermissionSets } from '../../src/storage/permission-sets/permission-sets.ts';
import { Storage } from '../../src/storage/storage.ts';
import type { ApiKeyTable, AuditEntryRow } from '../../src/storage/tables.ts';
import { contractViolations, isStream } from './contract-checker.ts';
import { inject } from './inject.ts';
import { openMigrated } from './migrated-database.ts';
import { TestClock } from './test-clock.ts';

export interface CallOptions {
  /** The key to send as bearer; left out: none. */
  readonly as?: string;
  /** The token of a session to send as cookie, with the origin that our own pages have. */
  readonly session?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number | string[] | undefined>>;
  // biome-ignore lint/suspicious/noExplicitAny: the shape is what the contract checker has just checked
  readonly body: any;
}

/** The whole service over a real database, with a clock that only tests move, and one workspace with its owner. */
export interface TestService {
  readonly app: HttpServer;
  readonly storage: Storage;
  readonly keyring: Keyring;
  readonly clock: TestClock;
  readonly owner: Bootstrapped;
  readonly caps: Caps;
  /** The log of the service, one entry for each line. */
  readonly logs: readonly string[];
  /** Sends one call. The test fails when the answer violates the published contract. */
  call(method: string, url: string, options?: CallOptions): Promise<Answer>;
  /** Creates a key for the owner and returns it with its secret. */
  createKey(body?: Record<string, unknown>, as?: string): Promise<Answer['body']>;
  /** Another person in the owner's workspace; an owner too, unless another role is named. */
  addMember(roleName?: string): Promise<string>;
  /** Signs a member in, by default the owner, and returns the token of the session. */
  signIn(userId?: string): Promise<string>;
  /** A caller that is a person, by default the owner, with the permissions of their role. */
  session(userId?: string, workspaceId?: string): Promise<Caller>;
  /** Another workspace with an owner and the owner's key. */
  addWorkspace(): Promise<Bootstrapped>;
  /** Edits the stored row of a key directly in the database, without renewing its seal. */
  edit(keyId: string, columns: Partial<ApiKeyTable>): Promise<void>;
  /** The stored row of an entry of the owner's chain. */
  auditRow(sequence: number): Promise<AuditEntryRow>;
  /** Edits the stored row of an entry directly in the database, without updating its hash. */
  editAudit(sequence: number, columns: Partial<AuditEntryRow>): Promise<void>;
  /** Writes everything that the service otherwise writes in the background. */
  flush(): Promise<void>;
  /** The same service, stopped and started again over the same database with this catalogue. */
  restarted(catalogue: Catalogue): Promise<TestService>;
  close(): Promise<void>;
}

/** More than any test makes, and no more memory than need be. */
const MEMORY_KEYS = 20_000;

/** No test reaches these, unless it is about caps and has its own. */
const ROOM_FOR_ALL = Object.fromEntries(
  Object.keys(DEFAULT_CAPS).map((name) => [name, 1_000_000]),
) as unknown as Caps;

const TEST_PEPPER = Buffer.alloc(32, 7);

/** The public URL of the test service, unless a test lets it listen and use its real address. */
export const PUBLIC_URL = 'https://latchkey.test';

/** Settings that a test may change. */
export interface TestSettings
  extends Pick<Parts, 'mailer' | 'publicUrl' | 'trustedProxies' | 'caps' | 'routes'> {
  readonly clock?: TestClock;
  /** Left out: a database in memory. */
  readonly databaseUrl?: string;
  readonly catalogue?: Catalogue;
  /** Sets up an identity provider; default: none. */
  readonly identityFor?: (owner: Bootstrapped) => IdentityParts | null;
}

export async function startTestService({
  clock = new TestClock(),
  databaseUrl,
  catalogue = BUILT_IN_CATALOGUE,
  publicUrl = PUBLIC_URL,
  identityFor = () => null,
  mailer = null,
  caps = ROOM_FOR_ALL,
  trustedProxies = [],
  routes = null,
}: TestSettings = {}): Promise<TestService> {
  const keyring = new Keyring(TEST_PEPPER);
  const database = await openMigrated(databaseUrl);
  const storage = new Storage(database, keyring, await loadPermissionSets(database.db, catalogue));
  const owner = await bootstrapService({ unitOfWork: storage, keyring, clock, catalogue }, FOUNDING);
  const parts = { mailer, publicUrl, trustedProxies, caps, routes, identity: identityFor(owner) };
  return serve({ database, keyring, clock, owner, logs: [], parts }, catalogue);
}

/** State that is kept when a service is restarted. */
interface Remains extends Pick<TestService, 'keyring' | 'clock' | 'owner'> {
  readonly database: Database;
  readonly logs: string[];
  readonly parts: Pick<Parts, 'mailer' | 'publicUrl' | 'trustedProxies' | 'identity' | 'routes'> & {
    readonly caps: Caps;
  };
}

async function serve(remains: Remains, catalogue: Catalogue): Promise<TestService> {
  const { database, keyring, clock, owner, logs, parts } = remains;
  const { caps } = parts;
  const logger = createLogger('debug', { write: (line) => void logs.push(line) });
  const storage = new Storage(database, keyring, await loadPermissionSets(database.db, catalogue));
  const needs = { unitOfWork: storage, keyring, clock };
  const kept = { storage, keyring, clock, logger, memoryKeys: MEMORY_KEYS };
  const { app, jobs, close } = await assemble({ ...parts, ...kept });
  const call = callOn(app, catalogue);
  return {
    app,
    storage,
    keyring,
    clock,
    owner,
    caps,
    logs,
    call,
    async createKey(body = {}, as = owner.secret) {
      const answer = await call('POST', '/api/v2/api-keys', {
        as,
        body: { name: 'key', userId: owner.userId, ...body },
      });
      expect(answer.status, JSON.stringify(answer.body)).toBe(201);
      return answer.body.data.result;
    },
    async addMember(roleName = 'Owner') {
      const person = newPerson();
      await storage.members.insertPerson(owner.workspaceId, person, clock.now());
      const role = await storage.roles.findByName(owner.workspaceId, roleName);
      if (!role) throw new Error(`There is no role ${roleName}`);
      const membership = { workspaceId: owner.workspaceId, userId: person.id, roleId: role.id };
      const times = { createdAt: clock.now(), updatedAt: clock.now() };
      await storage.members.insert({ ...membership, status: 'active', ...times });
      return person.id;
    },
    async signIn(userId = owner.userId) {
      const { token } = await openSession(needs, { workspaceId: owner.workspaceId, userId }, NO_CLIENT);
      return token;
    },
    session: (userId = owner.userId, workspaceId = owner.workspaceId) =>
      sessionOf(storage, workspaceId, userId),
    async addWorkspace() {
      const person = newPerson();
      const userId = person.id;
      const opening = { name: FOUNDING.workspaceName, owner: person };
      const { id: workspaceId } = await storage.transact((stores) =>
        openWorkspace({ ...stores, catalogue }, opening, clock.now()),
      );
      const caller = await sessionOf(storage, workspaceId, userId);
      const { secret } = await createKey({ ...needs, caps }, caller, { name: 'n', userId });
      return { workspaceId, userId, secret: secret ?? '' };
    },
    async edit(keyId, columns) {
      await database.db.updateTable('api_keys').set(columns).where('id', '=', keyId).execute();
      // A cached key does not reflect an edit of the database.
      storage.feed.publish([{ kind: 'key', keyId }]);
    },
    async auditRow(sequence) {
      const rows = database.db.selectFrom('audit_entries').selectAll();
      return rows
        .where('workspace_id', '=', owner.workspaceId)
        .where('sequence', '=', sequence)
        .executeTakeFirstOrThrow();
    },
    async editAudit(sequence, columns) {
      await database.db
        .updateTable('audit_entries')
        .set(columns)
        .where('workspace_id', '=', owner.workspaceId)
        .where('sequence', '=', sequence)
        .execute();
    },
    async flush() {
      for (const job of jobs) await job.run(new AbortController().signal);
    },
    async restarted(next) {
      await close();
      return serve(remains, next);
    },
    async close() {
      await close();
      await storage.close();
    },
  };
}

function newPerson(): Person {
  const id = newId('usr');
  return { id, email: `${id}@example.com`, displayName: 'Second' };
}

async function sessionOf(storage: Storage, workspaceId: string, userId: string): Promise<Caller> {
  const member = await storage.members.find(workspaceId, userId);
  if (!member) throw new Error(`There is no member ${userId}`);
  const { permissions } = member;
  const client = NO_CLIENT;
  return { kind: 'session', workspaceId, userId, keyId: null, permissions, bounds: UNBOUNDED, client };
}

const FOUNDING = { workspaceName: 'Test', ownerEmail: 'owner@example.com', ownerName: 'Olive Owner' };

function callOn(app: HttpServer, catalogue: Catalogue): TestService['call'] {
  return async (method, url, { as, session, body, headers = {} } = {}) => {
    const response = await inject(app, {
      method: method as 'GET',
      url,
      headers: { host: 'test', ...credentialHeaders(as, session), ...headers },
      ...(body !== undefined && { payload: body as object }),
    });
    const answer = { status: response.statusCode, headers: response.headers, body: parse(response) };
    const violations = contractViolations(method, url, answer, catalogue);
    expect(violations, `${method} ${url} → ${response.body}`).toEqual([]);
    return answer;
  };
}

function credentialHeaders(as: string | undefined, session: string | undefined): Record<string, string> {
  return {
    ...(as !== undefined && { authorization: `Bearer ${as}` }),
    ...(session !== undefined && { cookie: `${SESSION_COOKIE}=${session}`, origin: PUBLIC_URL }),
  };
}

function parse({ body, headers }: { body: string; headers: Answer['headers'] }): unknown {
  if (isStream(headers)) return body;
  return body === '' ? null : JSON.parse(body);
}

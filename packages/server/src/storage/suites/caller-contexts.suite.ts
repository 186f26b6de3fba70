import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AuditDraft, denialOf } from '../../domain/audit/entry.ts';
import { appendEntry } from '../../domain/audit/record-change.ts';
import type { Key } from '../../domain/keys/key.ts';
import { NO_CLIENT } from '../../domain/shared/caller.ts';
import type { CredentialName } from '../../domain/tenancy/caller-context.ts';
import type { Person } from '../../domain/tenancy/member.ts';
import type { Workspace } from '../../domain/tenancy/workspace.ts';
import type { Stores } from '../stores-over.ts';
import {
  AT,
  aKey,
  aSecret,
  HELD,
  type OpenSuiteDatabase,
  type SuiteDatabase,
  seedWorkspace,
} from './suite-database.ts';

const ISSUER = { userId: 'usr_1', keyId: 'key_1', secretDigest: 'secret_1' };

/** The contract of every CallerContexts. */
export function callerContextsSuite(open: OpenSuiteDatabase): void {
  describe('CallerContexts', () => {
    let database: SuiteDatabase;
    let workspace: Workspace;
    let owner: Person;
    let key: Key;

    beforeEach(async () => {
      database = await open();
      ({ workspace, owner } = await seedWorkspace(database));
      key = aKey(workspace.id, owner);
      await database.storage.keys.insert(key, aSecret('secret'), HELD);
    });
    afterEach(() => database.close());

    const load = (credential: CredentialName, workspaceId = workspace.id, userId = owner.id) =>
      database.storage.transact(({ callers }) => callers.load(workspaceId, userId, credential));

    test('load returns the workspace, the member, and the key with the secret that was sent', async () => {
      expect(await load({ keyId: key.id, secretDigest: 'secret' })).toMatchObject({
        workspace,
        member: { ...owner, workspaceId: workspace.id, status: 'active', isOwner: true },
        credential: { kind: 'key', key: { ownerId: owner.id, isActive: true, retiresAt: null } },
      });
      expect(await load({ keyId: key.id })).toMatchObject({ credential: { kind: 'key' } });
    });

    test('load returns the session with its issuer, and no credential for a person', async () => {
      const own = { workspaceId: workspace.id, userId: owner.id, createdAt: AT, lastSeenAt: AT };
      const session = { ...own, id: 'ses_1', accountId: null, expiresAt: AT + 9, address: null, agent: null };
      await database.storage.sessions.insert({ ...session, issuer: ISSUER }, 'digest');
      expect(await load({ keyId: null, sessionId: 'ses_1' })).toMatchObject({
        member: owner,
        credential: { kind: 'session', session: { issuer: ISSUER, expiresAt: AT + 9 } },
      });
      expect(await load({ keyId: null })).toMatchObject({ member: owner, credential: { kind: 'none' } });
    });

    test('a part that does not exist in the workspace is null', async () => {
      const foreign = await seedWorkspace(database);
      expect(await load({ keyId: 'key_unknown' })).toMatchObject({ workspace, credential: null });
      expect(await load({ keyId: key.id, secretDigest: 'unknown' })).toMatchObject({ credential: null });
      expect(await load({ keyId: null, sessionId: 'ses_unknown' })).toMatchObject({ credential: null });
      expect(await load({ keyId: key.id }, foreign.workspace.id)).toMatchObject({
        workspace: foreign.workspace,
        member: null,
        credential: null,
      });
      expect(await load({ keyId: null }, 'ws_unknown')).toMatchObject({ workspace: null, member: null });
    });

    test('units of work that run together get each caller with its own credential', async () => {
      const other = aKey(workspace.id, owner, { isActive: false });
      await database.storage.keys.insert(other, aSecret('other'), HELD);
      const names: CredentialName[] = [
        { keyId: key.id, secretDigest: 'secret' },
        { keyId: key.id, secretDigest: 'other' },
        { keyId: other.id, secretDigest: 'other' },
        { keyId: null },
      ];
      const found = await Promise.all([...names, ...names].map((name) => load(name)));
      const active = found.map(({ credential }) =>
        credential?.kind === 'key' ? credential.key.isActive : credential?.kind,
      );
      expect(active).toEqual([true, undefined, false, 'none', true, undefined, false, 'none']);
    });

    test('a session that ended in an earlier unit of work is not returned to a later one', async () => {
      const own = { workspaceId: workspace.id, userId: owner.id, createdAt: AT, lastSeenAt: AT };
      const session = { ...own, id: 'ses_1', accountId: null, expiresAt: AT + 9, address: null, agent: null };
      await database.storage.sessions.insert({ ...session, issuer: null }, 'digest');
      const name = { keyId: null, sessionId: 'ses_1' };
      let hasEnded = false;
      const isFound = () =>
        database.storage.transact(async ({ callers }) => {
          const { credential } = await callers.load(workspace.id, owner.id, name);
          return [credential?.kind === 'session', hasEnded];
        });
      const end = () =>
        database.storage.transact(async ({ audit, sessions }) => {
          await audit.head(workspace.id);
          hasEnded = true;
          return sessions.remove(workspace.id, owner.id, 'ses_1');
        });
      const [first, second, , third] = await Promise.all([isFound(), isFound(), end(), isFound()]);
      for (const [wasFound, hadEnded] of [first, second, third]) expect(wasFound).toBe(!hadEnded);
      expect(await isFound()).toEqual([false, true]);
    });

    test('entries of units of work that run together are chained without gaps, whichever caller was loaded', async () => {
      const foreign = await seedWorkspace(database);
      const change = (workspaceId: string, userId: string, keyId: string | null) =>
        database.storage.transact(async (stores: Stores) => {
          await stores.callers.load(workspaceId, userId, { keyId });
          await appendEntry(stores.audit, draft(workspaceId, userId));
        });
      await Promise.all(
        Array.from({ length: 10 }, () => [
          change(workspace.id, owner.id, key.id),
          change(foreign.workspace.id, foreign.owner.id, null),
          change(workspace.id, owner.id, null),
        ]).flat(),
      );
      expect(await database.storage.audit.head(workspace.id)).toMatchObject({ sequence: 20 });
      expect(await database.storage.audit.head(foreign.workspace.id)).toMatchObject({ sequence: 10 });
    });

    function draft(workspaceId: string, actorId: string): AuditDraft {
      return {
        ...NO_CLIENT,
        workspaceId,
        eventType: 'api-key.updated',
        actorId,
        credential: { kind: 'key', keyId: 'key_1' },
        target: { kind: 'api-key', id: 'key_2' },
        before: null,
        after: null,
        ...denialOf(null),
        createdAt: AT,
      };
    }
  });
}

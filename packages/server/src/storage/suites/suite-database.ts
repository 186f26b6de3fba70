import type { Catalogue, Permission, SystemRoleName } from '@latchkey/contract';
import type { Kysely } from 'kysely';
import type { Key, Secret } from '../../domain/keys/key.ts';
import { UNLIMITED } from '../../domain/shared/caller.ts';
import { newId } from '../../domain/shared/id.ts';
import type { Keyring } from '../../domain/shared/keyring.ts';
import type { CredentialStatus } from '../../domain/tenancy/credential-status.ts';
import type { Person } from '../../domain/tenancy/member.ts';
import type { Workspace } from '../../domain/tenancy/workspace.ts';
import { openWorkspace } from '../../domain/workspaces/open-workspace.ts';
import type { Storage } from '../storage.ts';
import type { Tables } from '../tables.ts';

/** A fresh, migrated database of the engine under test. */
export interface SuiteDatabase {
  readonly storage: Storage;
  /** For edits outside the service, which the stores must detect. */
  readonly db: Kysely<Tables>;
  readonly keyring: Keyring;
  /** The stores of the same database, opened with another catalogue. */
  reopened(catalogue: Catalogue): Promise<Storage>;
  close(): Promise<void>;
}

export type OpenSuiteDatabase = () => Promise<SuiteDatabase>;

export const AT = Date.parse('2026-11-23T09:00:00.000Z');

/** The permissions of key owners, in tests that do not depend on them. */
export const HELD: ReadonlySet<Permission> = new Set(['calls:read', 'api-keys:write']);

/** The status of a key in an active workspace with an active owner. */
export const UNTOUCHED: CredentialStatus = { workspace: 'active', owner: 'active', cap: null };

/** A workspace with one owner. */
export async function seedWorkspace({
  storage,
}: SuiteDatabase): Promise<{ workspace: Workspace; owner: Person }> {
  const owner = aPerson();
  const workspace = await storage.transact((stores) =>
    openWorkspace({ ...stores, catalogue: storage.catalogue }, { name: 'W', owner }, AT),
  );
  return { workspace, owner };
}

/** Another member of the workspace. */
export async function seedMember(
  { storage }: SuiteDatabase,
  workspaceId: string,
  roleName: SystemRoleName,
): Promise<Person> {
  const person = aPerson();
  await storage.members.insertPerson(workspaceId, person, AT);
  const role = await storage.roles.findByName(workspaceId, roleName);
  const membership = { workspaceId, userId: person.id, roleId: role?.id ?? '' };
  await storage.members.insert({ ...membership, status: 'active', createdAt: AT, updatedAt: AT });
  return person;
}

/** An account without members. */
export async function seedAccount({ storage }: SuiteDatabase): Promise<string> {
  const id = newId('acc');
  await storage.accounts.insert({ id, defaultWorkspaceId: null, createdAt: AT });
  return id;
}

function aPerson(): Person {
  const id = newId('usr');
  return { id, email: `${id}@example.com`, displayName: 'Person' };
}

export function aKey(workspaceId: string, owner: Person, changes: Partial<Key> = {}): Key {
  return {
    id: newId('key'),
    workspaceId,
    owner,
    name: 'Key',
    hint: 'lk_live_…0000',
    isActive: true,
    permissions: ['calls:read', 'api-keys:write'],
    rateLimit: UNLIMITED,
    createdAt: AT,
    createdBy: { kind: 'session', userId: owner.id, keyId: null },
    lastUsedAt: null,
    expiresAt: null,
    revokedAt: null,
    revokedReason: null,
    version: 1,
    isIntact: true,
    use: 'api',
    ...changes,
  };
}

export function aSecret(digest: string): Secret {
  return { digest, hint: `lk_live_…${digest.slice(-4)}`, pepperId: 'pepper', createdAt: AT };
}

import type { Kysely } from 'kysely';
import type { Key, Secret } from '../../domain/keys/key.ts';
import { UNLIMITED } from '../../domain/shared/caller.ts';
import { newId } from '../../domain/shared/id.ts';
import type { Keyring } from '../../domain/shared/keyring.ts';
import type { Person, Workspace } from '../../domain/workspaces/workspace.ts';
import type { Storage } from '../storage.ts';
import type { Tables } from '../tables.ts';

/** A fresh, migrated database of the engine under test. */
export interface SuiteDatabase {
  readonly storage: Storage;
  /** For edits from outside, which the stores must notice. */
  readonly db: Kysely<Tables>;
  readonly keyring: Keyring;
  close(): Promise<void>;
}

export type OpenSuiteDatabase = () => Promise<SuiteDatabase>;

export const AT = Date.parse('2026-11-23T09:00:00.000Z');

/** A workspace with one owner. */
export async function seedWorkspace({
  storage,
}: SuiteDatabase): Promise<{ workspace: Workspace; owner: Person }> {
  const workspace = { id: newId('ws'), name: 'W', keyPrefix: 'lk', keyEnvironment: 'live', createdAt: AT };
  const owner = { id: newId('usr'), email: 'owner@example.com', displayName: 'Owner' };
  await storage.workspaces.insertWorkspace(workspace);
  await storage.workspaces.insertMember(workspace.id, owner, 'Owner', AT);
  return { workspace, owner };
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
    ...changes,
  };
}

export function aSecret(digest: string): Secret {
  return { digest, hint: `lk_live_…${digest.slice(-4)}`, pepperId: 'pepper', createdAt: AT };
}

import type { Catalogue } from '@latchkey/contract';
import type { MintNeeds } from '../keys/create-key.ts';
import type { KeyStores } from '../keys/key-store.ts';
import type { SessionStores } from '../sessions/stores.ts';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import type { WorkspaceStores } from '../tenancy/stores.ts';

/** The stores that a call from the host reads and writes in one transaction. */
export type HostStores = KeyStores & SessionStores & WorkspaceStores;

/** What a verb needs that a user of the host calls without a credential. */
export interface HostNeeds extends Omit<MintNeeds, 'unitOfWork'> {
  readonly unitOfWork: UnitOfWork<HostStores>;
  readonly catalogue: Catalogue;
}

/** For whom a call from the host acts. */
export interface HostTarget {
  /** Left out: the oldest workspace that is not deleted. */
  readonly workspaceId?: string | undefined;
  /** Left out: the owner of the workspace who has been there longest, an active one if there is one. */
  readonly userId?: string | undefined;
}

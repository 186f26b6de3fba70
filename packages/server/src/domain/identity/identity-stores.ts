import type { WorkspaceStores } from '../tenancy/stores.ts';
import type { IdentityStore } from './identity-store.ts';

/** The stores that finding or creating the account of an identity needs in one transaction. */
export interface IdentityStores
  extends Pick<WorkspaceStores, 'workspaces' | 'roles' | 'members' | 'accounts' | 'ownedSessions' | 'audit'> {
  readonly identities: IdentityStore;
}

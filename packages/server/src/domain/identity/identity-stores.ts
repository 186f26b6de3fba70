import type { WorkspaceStores } from '../workspaces/workspace-stores.ts';
import type { IdentityStore } from './identity-store.ts';

/** The stores that recognising somebody reads and writes in one transaction. */
export interface IdentityStores extends Pick<WorkspaceStores, 'workspaces' | 'roles' | 'members' | 'audit'> {
  readonly identities: IdentityStore;
}

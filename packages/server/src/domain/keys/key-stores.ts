import type { AuditStores } from '../audit/audit-store.ts';
import type { MemberStore } from '../workspaces/member-store.ts';
import type { OwnedSessions } from '../workspaces/owned-sessions.ts';
import type { WorkspaceStore } from '../workspaces/workspace-store.ts';
import type { KeyStore } from './key-store.ts';
import type { ReplayStore } from './replay-store.ts';

/** The stores that a change of keys reads and writes in one transaction. */
export interface KeyStores extends AuditStores {
  readonly keys: KeyStore;
  readonly workspaces: WorkspaceStore;
  readonly members: MemberStore;
  readonly ownedSessions: OwnedSessions;
  readonly replays: ReplayStore;
}

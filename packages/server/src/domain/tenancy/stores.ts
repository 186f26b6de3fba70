import type { AuditStores } from '../audit/audit-store.ts';
import type { DescentStore } from '../shared/descent.ts';
import type { IdempotencyStore } from '../shared/idempotency-store.ts';
import type { AccountStore } from '../workspaces/account-store.ts';
import type { InvitationStore } from '../workspaces/invitation-store.ts';
import type { MailCountStore } from '../workspaces/mail-count-store.ts';
import type { MemberStore } from '../workspaces/member-store.ts';
import type { OwnedSessions } from '../workspaces/owned-sessions.ts';
import type { RoleStore } from '../workspaces/role-store.ts';
import type { WorkspaceStore } from '../workspaces/workspace-store.ts';
import type { OwnedKeys } from './member-credentials.ts';

/** The stores that a change of a workspace or its people reads and writes in one transaction. */
export interface WorkspaceStores extends AuditStores {
  readonly workspaces: WorkspaceStore;
  readonly roles: RoleStore;
  readonly members: MemberStore;
  readonly accounts: AccountStore;
  readonly invitations: InvitationStore;
  readonly mailCounts: MailCountStore;
  readonly ownedKeys: OwnedKeys;
  readonly ownedSessions: OwnedSessions;
  readonly descent: DescentStore;
  readonly idempotency: IdempotencyStore;
}

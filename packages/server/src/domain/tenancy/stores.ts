import type { Catalogue } from '@latchkey/contract';
import type { AuditStores } from '../audit/audit-store.ts';
import type { Clock } from '../shared/clock.ts';
import type { IdempotencyStore } from '../shared/idempotent.ts';
import type { MailCountStore } from '../shared/mail.ts';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import type { AccountStore } from './account.ts';
import type { CallerContexts } from './caller-context.ts';
import type { DescentStore } from './descent.ts';
import type { InvitationStore } from './invitation.ts';
import type { MemberStore } from './member.ts';
import type { OwnedKeys, OwnedSessions } from './member-credentials.ts';
import type { RoleStore } from './role.ts';
import type { WorkspaceStore } from './workspace.ts';

/** The stores that a change of a workspace or its people reads and writes in one transaction. */
export interface WorkspaceStores extends AuditStores {
  readonly callers: CallerContexts;
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

/** The needs of a verb that changes a workspace or its members. */
export interface WorkspaceNeeds {
  readonly unitOfWork: UnitOfWork<WorkspaceStores>;
  readonly clock: Clock;
}

/** `WorkspaceNeeds` for verbs that make or change roles. */
export interface RoleNeeds extends WorkspaceNeeds {
  readonly catalogue: Catalogue;
}

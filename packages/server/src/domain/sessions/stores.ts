import type { CallerStores } from '../access/authorized-change.ts';
import type { AuditStores } from '../audit/audit-store.ts';
import type { Clock } from '../shared/clock.ts';
import type { Keyring } from '../shared/keyring.ts';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import type { AccountStore } from '../tenancy/account.ts';
import type { WorkspaceStores } from '../tenancy/stores.ts';
import type { SessionStore } from './session.ts';
import type { SignInLinkStore } from './sign-in-link.ts';

/** The stores that signing in and out needs in one transaction. */
export interface SessionStores
  extends AuditStores,
    CallerStores,
    Pick<WorkspaceStores, 'workspaces' | 'roles'> {
  readonly sessions: SessionStore;
  readonly signInLinks: SignInLinkStore;
  readonly accounts: AccountStore;
}

/** The dependencies of the operations that sign a member in or out. */
export interface SessionNeeds {
  readonly unitOfWork: UnitOfWork<SessionStores>;
  readonly keyring: Keyring;
  readonly clock: Clock;
}

import type { AuditStore } from '../domain/audit/audit-store.ts';
import type { DeniedCalls } from '../domain/audit/denied-calls.ts';
import type { KeyStore } from '../domain/keys/key-store.ts';
import type { KeyStores } from '../domain/keys/key-stores.ts';
import type { Clock } from '../domain/shared/clock.ts';
import type { Keyring } from '../domain/shared/keyring.ts';
import type { UnitOfWork } from '../domain/shared/unit-of-work.ts';
import type { UsageStore } from '../domain/usage/usage-store.ts';
import type { QuotaCounters } from '../domain/verification/limits/quota-counters.ts';
import type { Verifier } from '../domain/verification/verifier.ts';
import type { InvitationStore } from '../domain/workspaces/invitation-store.ts';
import type { MemberStore } from '../domain/workspaces/member-store.ts';
import type { RoleStore } from '../domain/workspaces/role-store.ts';
import type { WorkspaceStore } from '../domain/workspaces/workspace-store.ts';
import type { WorkspaceStores } from '../domain/workspaces/workspace-stores.ts';

/** What the routes work with. */
export interface Services {
  readonly unitOfWork: UnitOfWork<KeyStores & WorkspaceStores>;
  /** These are for reading outside a transaction. */
  readonly keys: KeyStore;
  readonly workspaces: WorkspaceStore;
  readonly roles: RoleStore;
  readonly members: MemberStore;
  readonly invitations: InvitationStore;
  readonly audit: AuditStore;
  readonly usage: UsageStore;
  readonly deniedCalls: DeniedCalls;
  readonly verifier: Verifier;
  readonly counters: QuotaCounters;
  readonly keyring: Keyring;
  readonly clock: Clock;
  /** Resolves where the service can answer; else throws UNAVAILABLE. */
  requireReady(): Promise<void>;
}

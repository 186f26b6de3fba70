import type { Catalogue } from '@latchkey/contract';
import type { SignInWays } from '../../domain/access/managing-keys.ts';
import type { AuditStore } from '../../domain/audit/audit-store.ts';
import type { DeniedCalls } from '../../domain/audit/denied-calls.ts';
import type { Instances } from '../../domain/host/instances.ts';
import type { SystemNeeds } from '../../domain/host/system-state.ts';
import type { KeyCheck, PersonCheck } from '../../domain/identity/authenticator.ts';
import type { IdentityStores } from '../../domain/identity/identity.ts';
import type { SignInProvider } from '../../domain/identity/identity-provider.ts';
import type { SignInNeeds } from '../../domain/identity/member-of-identity.ts';
import type { KeyStore, KeyStores } from '../../domain/keys/key-store.ts';
import type { SessionStore } from '../../domain/sessions/session.ts';
import type { SessionStores } from '../../domain/sessions/stores.ts';
import type { Caps } from '../../domain/shared/caps.ts';
import type { Clock } from '../../domain/shared/clock.ts';
import type { Keyring } from '../../domain/shared/keyring.ts';
import type { Mailer } from '../../domain/shared/mail.ts';
import type { Rehearsal, UnitOfWork } from '../../domain/shared/unit-of-work.ts';
import type { AccountStore } from '../../domain/tenancy/account.ts';
import type { InvitationStore } from '../../domain/tenancy/invitation.ts';
import type { MemberStore } from '../../domain/tenancy/member.ts';
import type { OwnedKeys } from '../../domain/tenancy/member-credentials.ts';
import type { RoleStore } from '../../domain/tenancy/role.ts';
import type { WorkspaceStores } from '../../domain/tenancy/stores.ts';
import type { WorkspaceStore } from '../../domain/tenancy/workspace.ts';
import type { UsageStore } from '../../domain/usage/usage-store.ts';
import type { QuotaCounters } from '../../domain/verification/limits/quota-counters.ts';
import type { Verifier } from '../../domain/verification/verifier.ts';
import type { TrustedProxies } from '../connections/trusted-proxies.ts';
import type { RouteMap } from '../forward-auth/route-map.ts';

/** The dependencies of sign-in at the identity provider. */
export interface ProviderSignIn extends Pick<SignInNeeds, 'identities' | 'provisioning'> {
  readonly provider: SignInProvider;
}

/** The stores for reading outside a transaction. */
interface ReadStores {
  readonly keys: KeyStore;
  readonly workspaces: WorkspaceStore;
  readonly roles: RoleStore;
  readonly members: MemberStore;
  readonly accounts: AccountStore;
  readonly invitations: InvitationStore;
  readonly ownedKeys: OwnedKeys;
  readonly sessions: SessionStore;
  readonly audit: AuditStore;
  readonly usage: UsageStore;
}

type ChangeStores = KeyStores & WorkspaceStores & SessionStores & IdentityStores;

/** The dependencies of the routes. */
export interface Services extends ReadStores {
  readonly unitOfWork: UnitOfWork<ChangeStores>;
  /** For the answer to a dry run. */
  readonly rehearsal: Rehearsal<ChangeStores>;
  readonly catalogue: Catalogue;
  /** For look-ups of credentials, which do not queue behind list reads. */
  readonly credentials: Pick<ReadStores, 'sessions' | 'members' | 'workspaces' | 'ownedKeys'>;
  /** The services for a read that ends with the signal: its further queries are cancelled once the signal aborts. */
  reading(signal: AbortSignal): Services;
  /** As `reading`, for lists: a standby may answer them, which does not have the last changes yet. */
  listing(signal: AbortSignal): Services;
  /** As `listing`, for one export, all of which one server reads. */
  exporting(signal: AbortSignal): Services;
  readonly deniedCalls: DeniedCalls;
  readonly authenticator: KeyCheck & PersonCheck;
  readonly verifier: Verifier;
  /** The route map for forward auth; null: there is none. */
  readonly routeMap: RouteMap | null;
  readonly counters: QuotaCounters;
  /** Null: people do not sign in at an identity provider. */
  readonly providerSignIn: ProviderSignIn | null;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly caps: Caps;
  /** Milliseconds after a commit in which another instance may still use what it has cached; 0: there is no other instance. */
  readonly leaseMs: number;
  readonly signInWays: SignInWays;
  /** Null: the service sends no mail. */
  readonly mailer: Mailer | null;
  /** Determines the client address of a request. */
  readonly trustedProxies: TrustedProxies;
  /** Runs work in the background, after the answer. */
  readonly background: { run(name: string, work: () => Promise<unknown>): void };
  /** The origin under which people reach the service and its pages, such as `https://keys.example.com`. */
  publicUrl(): string;
  readonly instances: Instances;
  readonly system: SystemNeeds;
  /** Resolves if all keys can be verified, cached or not; else throws UNAVAILABLE. */
  requireReady(): Promise<void>;
  /** Resolves if changes can be committed; else throws UNAVAILABLE. */
  requireReadyForChanges(): Promise<void>;
}

import type { Selectable } from 'kysely';

/*
 * The rows as they are stored. Instants are integers, milliseconds since 1970; booleans are 0 and 1, so that every engine
 * has the same values. These types are only used in this folder.
 */

export interface Tables {
  installation: InstallationTable;
  permission_sets: PermissionSetTable;
  permission_set_entries: PermissionSetEntryTable;
  retired_permissions: RetiredPermissionTable;
  workspaces: WorkspaceTable;
  roles: RoleTable;
  accounts: AccountTable;
  account_addresses: AccountAddressTable;
  declined_offers: DeclinedOfferTable;
  users: UserTable;
  members: MemberTable;
  invitations: InvitationTable;
  sent_mails: SentMailTable;
  api_keys: ApiKeyTable;
  api_key_secrets: SecretTable;
  sessions: SessionTable;
  sign_in_links: SignInLinkTable;
  mailed_links: MailedLinkTable;
  replays: ReplayTable;
  day_quotas: DayQuotaTable;
  audit_entries: AuditEntryTable;
  audit_checkpoints: AuditCheckpointTable;
  usage_counts: UsageCountTable;
  old_secret_uses: OldSecretUseTable;
  refusals: RefusalTable;
  identity_links: IdentityLinkTable;
  descent: DescentTable;
  operations: OperationTable;
  invalidations: InvalidationTable;
  instances: InstanceTable;
  confirmations: ConfirmationTable;
  job_leases: JobLeaseTable;
}

export interface InstallationTable {
  /** Always 1: there is one row. */
  id: number;
  pepper_id: string;
  created_at: number;
  /** When the head file of the database was created; null: never. */
  head_file_at: number | null;
  /** When `pepper_id` last replaced another one; null: never. */
  pepper_since: number | null;
}

/** Equal sets of permissions are stored once. A set never changes. */
export interface PermissionSetTable {
  /** The digest of `permissions`. */
  id: string;
  /** JSON array of stored names. */
  permissions: string;
}

/** The same sets with a row for each permission, for queries by permission and for comparisons of sets. */
export interface PermissionSetEntryTable {
  set_id: string;
  permission: string;
}

/** Stored names that no longer give a permission, in any set. */
export interface RetiredPermissionTable {
  name: string;
  retired_at: number;
}

export interface WorkspaceTable {
  id: string;
  name: string;
  key_prefix: string;
  key_environment: string;
  permission_mode: string;
  created_at: number;
  updated_at: number;
  suspended_at: number | null;
  deleted_at: number | null;
  /** The member of another workspace who made it; null: the operator, or made before this was recorded. */
  made_by: string | null;
}

export interface RoleTable {
  id: string;
  workspace_id: string;
  name: string;
  /** The name in lower case: unique in its workspace. */
  name_folded: string;
  description: string | null;
  permission_set_id: string;
  /** Null: not a system role. */
  system_name: string | null;
  created_at: number;
  updated_at: number;
}

/** A person across workspaces, with proven identities and addresses. */
export interface AccountTable {
  id: string;
  /** Null: the first workspace that it joined. */
  default_workspace_id: string | null;
  created_at: number;
}

export interface AccountAddressTable {
  /** The address in lower case. It belongs to one account. */
  email_folded: string;
  account_id: string;
  proven_at: number;
  seal: string;
}

/** Members that an account was offered to claim and declined. */
export interface DeclinedOfferTable {
  account_id: string;
  user_id: string;
  declined_at: number;
}

/** A person in one workspace. The row stays after the person has left. */
export interface UserTable {
  id: string;
  workspace_id: string;
  email: string;
  /** The address in lower case: unique in its workspace. */
  email_folded: string;
  display_name: string;
  created_at: number;
  /** The account that claimed the person; null: none has. Kept after the person has left. */
  account_id: string | null;
  claimed_at: number | null;
  /** Covers the claim; null if there is none. */
  claim_seal: string | null;
}

export interface MemberTable {
  workspace_id: string;
  user_id: string;
  role_id: string;
  status: string;
  created_at: number;
  updated_at: number;
}

export interface InvitationTable {
  id: string;
  workspace_id: string;
  inviter_id: string;
  inviter_key_id: string | null;
  email: string;
  email_folded: string;
  role_id: string;
  role_name: string;
  message: string | null;
  /** The digest of the token that the inviter is shown. */
  digest: string;
  /** The digest of the token that only the mail has; null: no mail was requested. */
  mail_digest: string | null;
  created_at: number;
  updated_at: number;
  expires_at: number;
  accepted_at: number | null;
  revoked_at: number | null;
  inviter_secret_digest: string | null;
  seal: string;
}

/** The mails of the last hour, for the cap on them. */
export interface SentMailTable {
  workspace_id: string;
  sent_at: number;
}

export interface ApiKeyTable {
  id: string;
  workspace_id: string;
  user_id: string;
  name: string;
  /** The search key of the name, so that every engine searches and sorts in the same way. */
  name_folded: string;
  hint: string;
  is_active: number;
  permission_set_id: string;
  /** The set that the owner held when the key was made. */
  owner_held: string;
  requests_per_minute: number | null;
  requests_per_day: number | null;
  created_at: number;
  created_by_kind: string;
  created_by_user_id: string;
  created_by_key_id: string | null;
  last_used_at: number | null;
  expires_at: number | null;
  revoked_at: number | null;
  revoked_reason: string | null;
  version: number;
  /** `api` or `verify`. */
  use: string;
  seal: string;
  /** The hint of the secret that the last rotation replaced; null: none, or not recorded. */
  old_hint: string | null;
  /** When the present secret was last used; null: never, or not recorded. */
  secret_used_at: number | null;
  /** When the secret that the last rotation replaced was last used. */
  old_secret_used_at: number | null;
}

export interface SecretTable {
  digest: string;
  workspace_id: string;
  key_id: string;
  pepper_id: string;
  created_at: number;
  retires_at: number | null;
  seal: string;
}

export interface SessionTable {
  id: string;
  workspace_id: string;
  user_id: string;
  /** The account that the session proves; null: it is valid for this one member only. */
  account_id: string | null;
  key_id: string | null;
  digest: string;
  created_at: number;
  last_seen_at: number;
  expires_at: number;
  address: string | null;
  agent: string | null;
  seal: string;
  issuer_id: string | null;
  secret_digest: string | null;
}

/** At most one for each member. */
export interface SignInLinkTable {
  id: string;
  workspace_id: string;
  user_id: string;
  key_id: string | null;
  digest: string;
  created_at: number;
  expires_at: number;
  seal: string;
  issuer_id: string | null;
  secret_digest: string | null;
}

/** Sign-in links that went to the address of a member. */
export interface MailedLinkTable {
  digest: string;
  id: string;
  workspace_id: string;
  user_id: string;
  created_at: number;
  expires_at: number;
  seal: string;
}

/** The outcomes of calls that carried an Idempotency-Key. */
export interface ReplayTable {
  id: string;
  workspace_id: string;
  subject_id: string;
  fingerprint: string;
  sealed: string;
  created_at: number;
}

export interface DayQuotaTable {
  key_id: string;
  /** Days since 1970-01-01, UTC. */
  day: number;
  taken: number;
}

export interface AuditEntryTable {
  workspace_id: string;
  sequence: number;
  id: string;
  event_type: string;
  actor_id: string | null;
  actor_email: string | null;
  created_at: number;
  /** JSON of everything else that the hash covers. */
  details: string;
  hash: string;
  target_id: string;
  /** The text that a search compares, in lower case. */
  search_text: string;
  /** The names of the target if it is a key, in lower case. Searched only for readers who may see the key. */
  key_names: string | null;
}

/** The last entry that retention removed. */
export interface AuditCheckpointTable {
  workspace_id: string;
  sequence: number;
  hash: string;
}

/** The number of verifications of a key with a code in a span. Each verification is counted in one row. */
export interface UsageCountTable {
  key_id: string;
  granularity: string;
  starts_at: number;
  code: string;
  count: number;
}

/** The number of allowed verifications in a minute by a secret that a rotation has replaced. `usage_counts` has them too. */
export interface OldSecretUseTable {
  key_id: string;
  minute: number;
  count: number;
}

/** The first denial of a key with a code in a minute. */
export interface RefusalTable {
  key_id: string;
  code: string;
  /** The start of the minute. */
  minute: number;
  refused_at: number;
  /** JSON of the details of the denial. */
  reason: string;
}

/** The account of an identity at a provider. */
export interface IdentityLinkTable {
  issuer: string;
  subject: string;
  account_id: string;
  linked_at: number;
  seal: string;
}

/** The credential from which another one derives. */
export interface DescentTable {
  workspace_id: string;
  /** The digest of a secret, or the id of any other credential. */
  child_id: string;
  child_kind: string;
  parent_id: string | null;
  /** The member who made the child. */
  member_id: string | null;
}

/** A transaction that has committed, on engines where the answer of a commit can be lost. */
export interface OperationTable {
  id: string;
  committed_at: number;
}

/** A change that instances over one database tell each other. */
export interface InvalidationTable {
  /** The id of its transaction. */
  xid: string;
  kind: string;
  workspace_id: string | null;
  /** The key, the digest or the member that has changed; the id of a receipt. */
  subject: string | null;
  created_at: number;
}

/** A running process of the service. All times are those of the database's clock, except `started_at` and `last_error_at`. */
export interface InstanceTable {
  id: string;
  version: string;
  host: string;
  pid: number;
  started_at: number;
  heartbeat_at: number;
  /** Without another heartbeat, the process is not counted from then on. */
  live_until: number;
  lag_ms: number;
  cached_keys: number;
  last_error_at: number | null;
  last_error: string | null;
  /** Separated by commas. */
  pepper_ids: string | null;
}

/** An instance has dropped what it had cached before the receipt was asked for. */
export interface ConfirmationTable {
  receipt: string;
  instance_id: string;
  confirmed_at: number;
}

/** Who runs a job that runs once over all instances, and when it is due again. */
export interface JobLeaseTable {
  job: string;
  /** Null: it is not running. */
  holder: string | null;
  held_until: number;
  due_at: number;
}

export type ApiKeyRow = Selectable<ApiKeyTable>;
export type IdentityLinkRow = Selectable<IdentityLinkTable>;
export type InvitationRow = Selectable<InvitationTable>;
export type SessionRow = Selectable<SessionTable>;
export type SignInLinkRow = Selectable<SignInLinkTable>;
export type MailedLinkRow = Selectable<MailedLinkTable>;
export type RoleRow = Selectable<RoleTable>;
export type WorkspaceRow = Selectable<WorkspaceTable>;
export type SecretRow = Selectable<SecretTable>;
export type AuditEntryRow = Selectable<AuditEntryTable>;

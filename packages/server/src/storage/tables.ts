import type { Selectable } from 'kysely';

/*
 * The rows as they are stored. Instants are integers, milliseconds since 1970; booleans are 0 and 1: both are the same in
 * every engine. These types never leave this folder.
 */

export interface Tables {
  installation: InstallationTable;
  workspaces: WorkspaceTable;
  users: UserTable;
  members: MemberTable;
  api_keys: ApiKeyTable;
  api_key_secrets: SecretTable;
  replays: ReplayTable;
  day_quotas: DayQuotaTable;
  audit_entries: AuditEntryTable;
  audit_checkpoints: AuditCheckpointTable;
}

export interface InstallationTable {
  /** Always 1: there is one row. */
  id: number;
  pepper_id: string;
  created_at: number;
}

export interface WorkspaceTable {
  id: string;
  name: string;
  key_prefix: string;
  key_environment: string;
  created_at: number;
}

export interface UserTable {
  id: string;
  email: string;
  display_name: string;
  created_at: number;
}

export interface MemberTable {
  workspace_id: string;
  user_id: string;
  role_name: string;
  created_at: number;
}

export interface ApiKeyTable {
  id: string;
  workspace_id: string;
  user_id: string;
  name: string;
  /** The name in lower case, for searching and sorting alike in every engine. */
  name_folded: string;
  hint: string;
  is_active: number;
  /** JSON array of names. */
  permissions: string;
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
  seal: string;
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

export interface ReplayTable {
  id: string;
  workspace_id: string;
  key_id: string;
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
  /** What a search looks through, in lower case. */
  search_text: string;
}

/** The last entry that retention removed. */
export interface AuditCheckpointTable {
  workspace_id: string;
  sequence: number;
  hash: string;
}

export type ApiKeyRow = Selectable<ApiKeyTable>;
export type SecretRow = Selectable<SecretTable>;
export type AuditEntryRow = Selectable<AuditEntryTable>;

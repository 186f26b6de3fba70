import type { Tables } from './tables.ts';

/**
 * The primary key of each table that a copy of the database has, in an order in which no row refers to a later table. Empty:
 * the table has none. Null: the table is not copied, since its rows are only of use to the processes over its database.
 */
export const PRIMARY_KEYS = {
  installation: ['id'],
  permission_sets: ['id'],
  permission_set_entries: ['set_id', 'permission'],
  retired_permissions: ['name'],
  workspaces: ['id'],
  roles: ['id'],
  accounts: ['id'],
  account_addresses: ['email_folded'],
  declined_offers: ['account_id', 'user_id'],
  users: ['id'],
  members: ['workspace_id', 'user_id'],
  identity_links: ['issuer', 'subject'],
  invitations: ['id'],
  sent_mails: [],
  api_keys: ['id'],
  api_key_secrets: ['digest'],
  sessions: ['id'],
  sign_in_links: ['workspace_id', 'user_id'],
  mailed_links: ['digest'],
  replays: ['id'],
  day_quotas: ['key_id', 'day'],
  audit_entries: ['workspace_id', 'sequence'],
  audit_checkpoints: ['workspace_id'],
  usage_counts: ['key_id', 'granularity', 'starts_at', 'code'],
  old_secret_uses: ['key_id', 'minute'],
  refusals: ['key_id', 'code', 'minute'],
  descent: ['child_id', 'workspace_id'],
  operations: null,
  invalidations: null,
  instances: null,
  confirmations: null,
  job_leases: null,
} as const satisfies Record<keyof Tables, readonly string[] | null>;

type TableName = keyof typeof PRIMARY_KEYS;
/** The tables that are copied. */
export type CopiedTable = {
  [Name in TableName]: (typeof PRIMARY_KEYS)[Name] extends null ? never : Name;
}[TableName];

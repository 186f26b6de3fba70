/** The columns that the migration reads, and those that it writes. */
export interface Before {
  installation: { pepper_id: string };
  users: OldUser;
  members: { workspace_id: string; user_id: string; created_at: number };
  identity_links: OldLink;
  invitations: OldInvitation;
  audit_entries: { workspace_id: string; actor_id: string | null; details: string };
  permission_sets: { id: string; permissions: string };
  api_keys: OldKey;
  sessions: OldSession;
  sign_in_links: OldSession;
}

export interface OldUser {
  id: string;
  email: string;
  email_folded: string;
  display_name: string;
  created_at: number;
}

export interface OldLink {
  issuer: string;
  subject: string;
  user_id: string;
  linked_at: number;
}

export interface OldKey {
  id: string;
  workspace_id: string;
  user_id: string;
  permission_set_id: string;
  requests_per_minute: number | null;
  requests_per_day: number | null;
  created_at: number;
  created_by_user_id: string;
  created_by_key_id: string | null;
  expires_at: number | null;
  is_active: number;
  revoked_at: number | null;
  seal: string;
}

/** A session or a sign-in link: their sealed columns are the same. */
export interface OldSession {
  id: string;
  workspace_id: string;
  user_id: string;
  key_id: string | null;
  issuer_id: string | null;
  secret_digest: string | null;
  digest: string;
  created_at: number;
  expires_at: number;
  seal: string;
}

export interface OldInvitation {
  id: string;
  workspace_id: string;
  inviter_id: string;
  inviter_key_id: string | null;
  inviter_secret_digest: string | null;
  email_folded: string;
  role_id: string;
  digest: string;
  created_at: number;
  expires_at: number;
  accepted_at: number | null;
  revoked_at: number | null;
  seal: string;
}

export interface After {
  accounts: { id: string; default_workspace_id: string | null; created_at: number };
  account_addresses: { email_folded: string; account_id: string; proven_at: number; seal: string };
  users: OldUser & {
    workspace_id: string;
    account_id: string | null;
    claimed_at: number | null;
    claim_seal: string | null;
  };
  identity_links: {
    issuer: string;
    subject: string;
    account_id: string;
    linked_at: number;
    seal: string;
  };
}

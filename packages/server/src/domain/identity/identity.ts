import type { WorkspaceStores } from '../tenancy/stores.ts';

/** A person, as the identity provider describes them. */
export interface Identity {
  readonly issuer: string;
  /** The permanent id of the person at the issuer; all other fields may change. */
  readonly subject: string;
  /** Null unless the provider has verified the address. */
  readonly email: string | null;
  /** For people; null: the provider does not send one. */
  readonly displayName: string | null;
  /** The workspace that the token names; null: none. */
  readonly workspaceId: string | null;
}

/** A link from an identity at a provider to an account. */
export interface IdentityLink {
  readonly issuer: string;
  readonly subject: string;
  readonly accountId: string;
  /** Milliseconds since 1970. */
  readonly linkedAt: number;
}

/**
 * The links from identities at providers to accounts. Links are kept permanently, also those of people who have left. Rows
 * that were edited outside the service are not found.
 */
export interface IdentityStore {
  /** Null on a miss. Issuer and subject are compared exactly. */
  find(issuer: string, subject: string): Promise<IdentityLink | null>;

  /** The identities of an account at the issuer, the oldest link first. */
  listOf(issuer: string, accountId: string): Promise<IdentityLink[]>;

  /** Adds the link; a link that the identity already has is replaced. */
  save(link: IdentityLink): Promise<void>;
}

/** The stores that finding or creating the account of an identity needs in one transaction. */
export interface IdentityStores
  extends Pick<WorkspaceStores, 'workspaces' | 'roles' | 'members' | 'accounts' | 'ownedSessions' | 'audit'> {
  readonly identities: IdentityStore;
}

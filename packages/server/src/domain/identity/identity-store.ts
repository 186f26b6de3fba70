import type { IdentityLink } from './identity.ts';

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

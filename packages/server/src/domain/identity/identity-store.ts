import type { IdentityLink } from './identity.ts';

/** Which accounts at identity providers are whose. Links are kept for ever, also those of people who have left. */
export interface IdentityStore {
  /** Null on a miss. Issuer and subject are the same to the letter only. */
  find(issuer: string, subject: string): Promise<IdentityLink | null>;

  /** The accounts of a user at the issuer, the oldest link first. */
  listOf(issuer: string, userId: string): Promise<IdentityLink[]>;

  /** Adds the link; where the account has one, it is of this user and this time from now on. */
  save(link: IdentityLink): Promise<void>;
}

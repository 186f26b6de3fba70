/** Who somebody is, in the words of the identity provider. */
export interface Identity {
  readonly issuer: string;
  /** The account at the issuer, for ever the same: what else is said of it may change. */
  readonly subject: string;
  /** Only an address that the provider has verified; else null. */
  readonly email: string | null;
  /** For people; null: the provider does not say. */
  readonly displayName: string | null;
  /** The workspace that the token was issued for; null: it names none. */
  readonly workspaceId: string | null;
}

/** That an identity at a provider belongs to an account. */
export interface IdentityLink {
  readonly issuer: string;
  readonly subject: string;
  readonly accountId: string;
  /** Milliseconds since 1970, as every instant of the domain. */
  readonly linkedAt: number;
}

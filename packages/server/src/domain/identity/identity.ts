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

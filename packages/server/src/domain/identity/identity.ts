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

/** That an account at an identity provider is somebody's. */
export interface IdentityLink {
  readonly issuer: string;
  readonly subject: string;
  readonly userId: string;
  /** Milliseconds since 1970, as every instant of the domain. */
  readonly linkedAt: number;
}

/**
 * Does the link still say who somebody is? It does as long as they have not left since: whoever has left every workspace
 * and comes back is recognised anew, so that a new account of theirs can take the place of the old one.
 */
export function isInForce(
  { linkedAt }: IdentityLink,
  memberships: readonly { readonly createdAt: number }[],
): boolean {
  return memberships.some(({ createdAt }) => createdAt <= linkedAt);
}

/**
 * A person across workspaces. It has only what was proven: identities at the operator's provider, and e-mail addresses.
 * A member belongs to it after a claim with a credential of the person's own.
 */
export interface Account {
  readonly id: string;
  /** The workspace in which a provider's token acts if it names none; null: the first one that the account joined. */
  readonly defaultWorkspaceId: string | null;
  /** Milliseconds since 1970, as every instant of the domain. */
  readonly createdAt: number;
}

/**
 * A human across workspaces, known only by what was proven: identities at the operator's provider, and e-mail addresses.
 * Its members are those who were claimed for it with a credential of the person's own.
 */
export interface Account {
  readonly id: string;
  /** Where a token of the provider acts that names no workspace; null: in the first workspace that the account joined. */
  readonly defaultWorkspaceId: string | null;
  /** Milliseconds since 1970, as every instant of the domain. */
  readonly createdAt: number;
}

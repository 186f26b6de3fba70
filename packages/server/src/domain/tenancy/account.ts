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

/** Accounts and the addresses that they have proven. A row that was edited outside the service counts as a miss. */
export interface AccountStore {
  insert(account: Account): Promise<void>;

  /** Null on a miss. */
  find(accountId: string): Promise<Account | null>;

  /** The account that has proven the address, ignoring case; null on a miss. */
  findByAddress(email: string): Promise<Account | null>;

  /** The addresses that the account has proven, in their folded form. */
  addressesOf(accountId: string): Promise<string[]>;

  /** Gives the address to the account; an account that had proven it before loses it. */
  proveAddress(accountId: string, email: string, provenAt: number): Promise<void>;

  /** Is an identity at a provider linked to the account? */
  hasIdentity(accountId: string): Promise<boolean>;

  setDefault(accountId: string, workspaceId: string): Promise<void>;

  /** Stores that the account declined to claim this member. Repeating it changes nothing. */
  decline(accountId: string, userId: string, declinedAt: number): Promise<void>;

  /** The ids of the members that the account has declined. */
  declinedBy(accountId: string): Promise<ReadonlySet<string>>;
}

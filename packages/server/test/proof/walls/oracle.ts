/*
 * Who may act where, derived from the history alone: a second implementation of the rules, without code of the product.
 * A workspace is a number, a person an address, which the provider has verified.
 */

interface Membership {
  status: 'active' | 'suspended';
  /** The person who has claimed the member; null when the member is not claimed. */
  claimedBy: string | null;
}

/** The workspace (its number) in which a token of a person acts; null when the token is denied. */
export type Access = number | null;

export class Oracle {
  readonly #members = new Map<string, Membership>();
  /** The workspaces that a person has claimed a member in, in that order. */
  readonly #claims = new Map<string, number[]>();
  readonly #defaults = new Map<string, number>();
  readonly #declined = new Set<string>();

  isMember(workspace: number, email: string): boolean {
    return this.#members.has(at(workspace, email));
  }

  isClaimed(workspace: number, email: string): boolean {
    return this.#members.get(at(workspace, email))?.claimedBy === email;
  }

  isOffered(workspace: number, email: string): boolean {
    const member = this.#members.get(at(workspace, email));
    const isFree = member?.claimedBy === null && member.status === 'active';
    return isFree && !this.#declined.has(at(workspace, email));
  }

  joinLocally(workspace: number, email: string): void {
    this.#members.set(at(workspace, email), { status: 'active', claimedBy: null });
  }

  claim(workspace: number, email: string): void {
    this.#members.set(at(workspace, email), { status: 'active', claimedBy: email });
    this.#claims.set(email, [...this.#claimsOf(email), workspace]);
  }

  decline(workspace: number, email: string): void {
    this.#declined.add(at(workspace, email));
  }

  setStatus(workspace: number, email: string, status: Membership['status']): void {
    const member = this.#members.get(at(workspace, email));
    if (member) member.status = status;
  }

  end(workspace: number, email: string): void {
    this.#members.delete(at(workspace, email));
    const left = this.#claimsOf(email).filter((one) => one !== workspace);
    this.#claims.set(email, left);
  }

  setDefault(workspace: number, email: string): void {
    this.#defaults.set(email, workspace);
  }

  /** Where a token of the person acts when its claim or the header names the workspace `named`; null: neither names one. */
  access(email: string, named: number | null): Access {
    const active = this.#claimsOf(email).filter(
      (workspace) => this.#members.get(at(workspace, email))?.status === 'active',
    );
    if (named !== null) return active.includes(named) ? named : null;
    const byDefault = this.#defaults.get(email);
    if (byDefault !== undefined && active.includes(byDefault)) return byDefault;
    return active[0] ?? null;
  }

  #claimsOf(email: string): number[] {
    return this.#claims.get(email) ?? [];
  }
}

function at(workspace: number, email: string): string {
  return `${workspace} ${email}`;
}

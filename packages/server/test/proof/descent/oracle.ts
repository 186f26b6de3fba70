/*
 * Which credentials must have ended after a key was revoked as COMPROMISED, without code of the product.
 * A credential derives from the credential that made it and from the member who acted; a secret from its key and, where a
 * rotation made it, from who rotated; a session from its link; a member from the invitation that was accepted.
 */

export type Kind = 'api-key' | 'secret' | 'session' | 'sign-in-link' | 'invitation' | 'member';

export interface Node {
  readonly kind: Kind;
  readonly id: string;
  /** The text of a secret or token; keys and members have none. */
  readonly token: string;
  readonly parents: readonly Node[];
  /** The owner of a key, the member of a session or link. */
  readonly member: Node | null;
  /** Of a secret. */
  readonly key: Node | null;
  readonly depth: number;
  isDead: boolean;
}

const DEPENDENT: readonly Kind[] = ['session', 'sign-in-link', 'invitation'];

export class Oracle {
  readonly nodes: Node[] = [];

  add(kind: Kind, id: string, token: string, parents: readonly Node[], own: Partial<Node> = {}): Node {
    const depth = Math.max(0, ...parents.map((parent) => parent.depth + 1));
    const node = { kind, id, token, parents, member: null, key: null, ...own, depth, isDead: false };
    this.nodes.push(node);
    return node;
  }

  living(kind: Kind): Node[] {
    return this.nodes.filter((node) => node.kind === kind && this.works(node));
  }

  /** Whether it can be used now. */
  works(node: Node): boolean {
    if (node.isDead) return false;
    if (node.kind === 'secret') return node.key !== null && this.works(node.key);
    return node.member === null || !node.member.isDead;
  }

  /** Ends a secret or key, and everything that depends on it. */
  end(root: Node): void {
    root.isDead = true;
    const roots = [root, ...this.nodes.filter(({ key }) => key === root)];
    for (const node of this.#below(roots, (kind) => DEPENDENT.includes(kind)))
      if (DEPENDENT.includes(node.kind)) node.isDead = true;
  }

  /** Ends the key and everything that derives from it. Returns the names of what ended, without the key. */
  compromise(key: Node): string[] {
    const derived = this.#below([key], () => true);
    const before = new Set(this.nodes.filter((node) => this.works(node)));
    for (const node of [key, ...derived]) node.isDead = true;
    const ended = [...before].filter((node) => node !== key && this.#hasEnded(node));
    return ended.map(nameOf).sort();
  }

  /** The number of credentials and members that derive from a key. */
  fruit(key: Node): number {
    return this.#below([key], () => true).length;
  }

  /** Whether the credential itself has ended, and is not denied only because its owner or key has ended. */
  #hasEnded({ kind, isDead, key, member }: Node): boolean {
    if (kind === 'secret') return isDead && key?.isDead === false;
    return isDead || (DEPENDENT.includes(kind) && member?.isDead === true);
  }

  #below(roots: readonly Node[], through: (kind: Kind) => boolean): Node[] {
    const found = new Set<Node>();
    let generation = [...roots];
    while (generation.length > 0) {
      const children = this.nodes.filter(
        (node) => !found.has(node) && generation.some((parent) => isChild(node, parent)),
      );
      for (const child of children) found.add(child);
      generation = children.filter(({ kind }) => through(kind));
    }
    return [...found].filter((node) => !roots.includes(node));
  }
}

function isChild(node: Node, parent: Node): boolean {
  return node.parents.includes(parent) || (parent.kind === 'api-key' && node.key === parent);
}

function nameOf({ kind, id, key }: Node): string {
  return kind === 'secret' ? `secret ${key?.id}` : `${kind} ${id}`;
}

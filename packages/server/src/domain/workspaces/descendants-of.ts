import type { CredentialKind } from '@latchkey/contract';
import type { Credential, DescentStore } from '../shared/descent.ts';

/** Kinds that work only while the credential that made them does, and cannot make anything that outlives it. */
export const DEPENDENT: ReadonlySet<CredentialKind> = new Set(['session', 'sign-in-link', 'invitation']);

interface Walk {
  readonly workspaceId: string;
  /** Digests of secrets, and ids of any other credentials. */
  readonly roots: readonly string[];
  /** The children of the roots, where they were looked up already. */
  readonly children?: readonly Credential[];
  /** Follows only credentials of these kinds; left out: all kinds. */
  readonly through?: ReadonlySet<CredentialKind>;
}

/** All credentials that derive from the roots, without the roots, each once. Costs one query for each generation. */
export async function descendantsOf(
  descent: DescentStore,
  { workspaceId, roots, children, through }: Walk,
): Promise<Credential[]> {
  const seen = new Set(roots);
  const found: Credential[] = [];
  let generation = children ?? (await descent.childrenOf(workspaceId, roots));
  while (generation.length > 0) {
    const fresh = generation.filter(({ id }) => !seen.has(id));
    const parents: string[] = [];
    for (const credential of fresh) {
      if (seen.has(credential.id)) continue;
      seen.add(credential.id);
      found.push(credential);
      if (!through || through.has(credential.kind)) parents.push(credential.id);
    }
    generation = parents.length === 0 ? [] : await descent.childrenOf(workspaceId, parents);
  }
  return found;
}

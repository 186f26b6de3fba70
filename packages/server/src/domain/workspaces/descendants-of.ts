import type { CredentialKind } from '@latchkey/contract';
import type { Credential, DescentStore } from '../shared/descent.ts';

/** What works only through the credential that made it, and can make nothing that outlives it. */
export const DEPENDENT: ReadonlySet<CredentialKind> = new Set(['session', 'sign-in-link', 'invitation']);

interface Walk {
  readonly workspaceId: string;
  /** Digests of secrets, and ids of any other credentials. */
  readonly roots: readonly string[];
  /** The children of the roots, where they were looked up already. */
  readonly children?: readonly Credential[];
  /** Goes on below credentials of these kinds only; left out: below all. */
  readonly through?: ReadonlySet<CredentialKind>;
}

/** Everything that derives from the roots, without them, each once. One look-up a generation. */
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

import { hintOf } from '@latchkey/contract';
import type { Credential } from '../shared/descent.ts';
import type { Keyring } from '../shared/keyring.ts';
import { generateKeyText } from '../shared/tokens.ts';
import type { Workspace } from '../tenancy/workspace.ts';
import type { Key, Secret } from './key.ts';

/** A new secret in the workspace's form, or the given one: its text, to be shown once, and what is stored of it. */
export function newSecret(
  { keyPrefix, keyEnvironment }: Workspace,
  keyring: Keyring,
  now: number,
  given?: string,
): { text: string; secret: Secret } {
  const text = given ?? generateKeyText(keyPrefix, keyEnvironment);
  const secret = {
    digest: keyring.digest(text),
    hint: hintOf(text),
    pepperId: keyring.pepperId,
    createdAt: now,
  };
  return { text, secret };
}

/** A key together with its secret, as create and rotate return it. */
export interface MintedKey {
  readonly key: Key;
  /** Null where the answer repeats an earlier one whose secret can no longer be shown. */
  readonly secret: string | null;
  /** Is this an earlier answer, repeated for the same Idempotency-Key? */
  readonly isReplay: boolean;
  /** Did the ceiling give the key fewer permissions than its owner holds, although the request named none? */
  readonly isNarrowed: boolean;
  /** What ended together with the secret that a rotation replaced. */
  readonly ended: readonly Credential[];
}

import { hintOf } from '@latchkey/contract';
import type { Keyring } from '../shared/keyring.ts';
import type { Workspace } from '../tenancy/workspace.ts';
import type { Secret } from './key.ts';
import { generateKeyText } from './key-text.ts';

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

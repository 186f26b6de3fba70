import type { Keyring } from '../shared/keyring.ts';
import type { WorkspaceStore } from '../workspaces/workspace-store.ts';
import type { Secret } from './key.ts';
import { generateKeyText, hintOf } from './key-text.ts';

/** A new secret in the workspace's form: its text, to be shown once, and what is stored of it. */
export async function newSecret(
  workspaces: WorkspaceStore,
  keyring: Keyring,
  workspaceId: string,
  now: number,
): Promise<{ text: string; secret: Secret }> {
  const workspace = await workspaces.find(workspaceId);
  if (!workspace) throw new Error(`The workspace ${workspaceId} of a live credential is gone`);
  const text = generateKeyText(workspace.keyPrefix, workspace.keyEnvironment);
  const secret = {
    digest: keyring.digest(text),
    hint: hintOf(text),
    pepperId: keyring.pepperId,
    createdAt: now,
  };
  return { text, secret };
}

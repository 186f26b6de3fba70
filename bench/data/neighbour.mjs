/** Another workspace beside the prepared one, with an owner and a key of its own. */
import { createKey } from '../../packages/server/dist/domain/keys/create-key.js';
import { operator } from '../../packages/server/dist/domain/shared/caller.js';
import { DEFAULT_CAPS } from '../../packages/server/dist/domain/shared/caps.js';
import { openWorkspace } from '../../packages/server/dist/domain/workspaces/open-workspace.js';
import { BUILT_IN_CATALOGUE, newId, systemClock } from './product.mjs';
import { openStorageIn } from './storage.mjs';

/**
 * @param {string} folder a data folder that no service uses
 * @param {number} [number] of the workspace: each has another owner
 */
export async function addNeighbour(folder, number = 1) {
  const { storage, keyring } = await openStorageIn(folder);
  try {
    const userId = newId('usr');
    const owner = { id: userId, email: `neighbour-${number}@example.com`, displayName: 'Neighbour' };
    const workspace = await storage.transact(async (stores) =>
      openWorkspace(
        { ...stores, catalogue: BUILT_IN_CATALOGUE },
        { name: 'Neighbour', owner },
        systemClock.now(),
      ),
    );
    const caller = operator(BUILT_IN_CATALOGUE, { workspaceId: workspace.id, userId });
    const needs = { unitOfWork: storage, keyring, clock: systemClock };
    const { secret } = await createKey({ ...needs, caps: DEFAULT_CAPS }, caller, {
      name: "Neighbour's key",
      userId,
    });
    if (secret === null) throw new Error('The service returned no secret for the key of the other workspace');
    return { workspaceId: workspace.id, userId, ownerKey: secret };
  } finally {
    await storage.close();
  }
}

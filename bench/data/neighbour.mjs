/** Another workspace beside the prepared one, with an owner and a key of its own. */
import { createKey } from '../../packages/server/dist/domain/keys/create-key.js';
import { DEFAULT_CAPS } from '../../packages/server/dist/domain/shared/caps.js';
import { operator } from '../../packages/server/dist/domain/shared/operator.js';
import { openWorkspace } from '../../packages/server/dist/domain/workspaces/open-workspace.js';
import { BUILT_IN_CATALOGUE, newId, systemClock } from './product.mjs';
import { openStorageIn } from './storage.mjs';

const OWNER = { email: 'neighbour@example.com', displayName: 'Neighbour' };

/** @param {string} folder a data folder that no service uses @returns {Promise<string>} the text of the key */
export async function addNeighbour(folder) {
  const { storage, keyring } = await openStorageIn(folder);
  try {
    const userId = newId('usr');
    const workspace = await storage.transact(async (stores) => {
      const opening = { name: 'Neighbour', owner: { id: userId, ...OWNER } };
      return openWorkspace({ ...stores, catalogue: BUILT_IN_CATALOGUE }, opening, systemClock.now());
    });
    const caller = operator(BUILT_IN_CATALOGUE, { workspaceId: workspace.id, userId });
    const needs = { unitOfWork: storage, keyring, clock: systemClock };
    const { secret } = await createKey({ ...needs, caps: DEFAULT_CAPS }, caller, {
      name: "Neighbour's key",
      userId,
    });
    if (secret === null) throw new Error('The service returned no secret for the key of the other workspace');
    return secret;
  } finally {
    await storage.close();
  }
}

/** The product's own storage over a data folder. */
import path from 'node:path';
import { BUILT_IN_CATALOGUE, Keyring, openStorage, readPeppers, systemClock } from './product.mjs';

/**
 * @param {string} folder a data folder that no service uses
 * @returns {Promise<{ keyring: Keyring, storage: import('../../packages/server/dist/storage/storage.js').Storage }>}
 */
export async function openStorageIn(folder) {
  const keyring = Keyring.of(readPeppers(path.join(folder, 'pepper')));
  const url = `file:${path.join(folder, 'latchkey.db')}`;
  return { keyring, storage: await openStorage(url, keyring, systemClock, BUILT_IN_CATALOGUE) };
}

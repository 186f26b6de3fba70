/**
 * The few built modules of the product that preparing data needs: its own key texts, digests, seals and row mapper, so
 * that prepared rows are what the service would have written. Everything that is measured goes over HTTP.
 */
import path from 'node:path';

export { BUILT_IN_CATALOGUE, hintOf, isKeyText } from '../../packages/contract/dist/index.js';
export { readPeppers } from '../../packages/server/dist/config/pepper-file.js';
export { systemClock } from '../../packages/server/dist/domain/shared/clock.js';
export { newId } from '../../packages/server/dist/domain/shared/id.js';
export { Keyring } from '../../packages/server/dist/domain/shared/keyring.js';
export { generateKeyText } from '../../packages/server/dist/domain/shared/tokens.js';
export { toKeyRow } from '../../packages/server/dist/storage/keys/key-rows.js';
export { toSecretRow } from '../../packages/server/dist/storage/keys/secret-rows.js';
export { openStorage } from '../../packages/server/dist/storage/open-storage.js';

export const root = path.resolve(import.meta.dirname, '..', '..');

/** The folder of the compiled server. */
export const serverDist = path.join(root, 'packages', 'server', 'dist');

/** The program that people start. */
export const binary = path.join(root, 'packages', 'cli', 'dist', 'main.js');

/**
 * The files of the built dashboard that the service serves.
 */
import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the build puts them. */
export const DASHBOARD = fileURLToPath(new URL('../packages/dashboard/dist', import.meta.url));
export const LICENCES = 'THIRD-PARTY-LICENSES';

/**
 * Puts the files, compressed as they are sent, and the licences of the packages in them into the folder `dashboard` of a folder.
 * @param {string} folder
 */
export function putDashboard(folder) {
  const target = path.join(folder, 'dashboard');
  rmSync(target, { recursive: true, force: true });
  cpSync(DASHBOARD, target, {
    recursive: true,
    filter: (from) => !/\.[^.]+$/.test(path.basename(from)) || from.endsWith('.gz'),
  });
}

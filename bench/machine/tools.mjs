/** Finds programs that the user has to install. */
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Where Debian keeps servers, which an ordinary user's PATH leaves out. */
const EXTRA_FOLDERS = ['/usr/sbin', '/usr/local/sbin'];

/** @param {string} name @returns {string | undefined} the path of the program */
export function findProgram(name) {
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), ...EXTRA_FOLDERS];
  return folders.map((folder) => path.join(folder, name)).find(isExecutable);
}

/** @param {string} name */
export const isOnPath = (name) => findProgram(name) !== undefined;

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

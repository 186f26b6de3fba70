import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

/** Makes an empty file beside `path` that only its owner can read, under a name of its own. */
export function makeDraft(path: string): string {
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`;
  closeSync(openSync(draft, 'wx', 0o600));
  return draft;
}

/** Removes a draft with what the engine may have left beside it. */
export function removeDraft(draft: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${draft}${suffix}`, { force: true });
}

/** Resolves when file or folder is on the disk. */
export function sync(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Without it, a loss of power could take a new name from the folder. */
export function syncFolderOf(path: string): void {
  sync(dirname(path));
}

/** An instant in the name of a file, like `2026-01-31T235959Z`: without colons, which not every file system takes. */
export function fileTimeOf(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 19).replaceAll(':', '')}Z`;
}

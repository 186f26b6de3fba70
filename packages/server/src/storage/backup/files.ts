import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

/** Creates an empty file with a unique name next to `path`, readable by its owner only. */
export function makeDraft(path: string): string {
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`;
  closeSync(openSync(draft, 'wx', 0o600));
  return draft;
}

/** Removes a draft, and files that the engine may have created next to it. */
export function removeDraft(draft: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${draft}${suffix}`, { force: true });
}

/** Resolves when the file or folder is synced. */
export function sync(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Without this, a power loss could remove a new name from the folder. */
export function syncFolderOf(path: string): void {
  sync(dirname(path));
}

/** An instant in the name of a file, like `2026-01-31T235959Z`: without colons, which some file systems do not allow. */
export function fileTimeOf(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 19).replaceAll(':', '')}Z`;
}

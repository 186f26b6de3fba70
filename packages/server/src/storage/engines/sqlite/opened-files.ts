import { statSync } from 'node:fs';
import { AppError } from '../../../domain/shared/app-error.ts';
import { DatabaseDisplaced } from '../engine.ts';

const CHECK_MS = 1_000;

/**
 * Checks that the paths of a database still lead to the files that were opened. Writes to a file that was removed or
 * replaced are lost, and another process could then open the database concurrently.
 */
export class OpenedFiles {
  /** Resolves with the reason once a path leads to another file, or to none. */
  readonly displaced: Promise<DatabaseDisplaced>;
  readonly #identities: ReadonlyMap<string, string | null>;
  readonly #timer: NodeJS.Timeout;
  #reason: DatabaseDisplaced | null = null;
  #displace: (reason: DatabaseDisplaced) => void = () => {};

  /** A path without a file now is not checked. Checks the others every second until `close`. */
  constructor(paths: readonly string[]) {
    this.#identities = new Map(paths.map((path) => [path, identityOf(path)]));
    this.displaced = new Promise((resolve) => {
      this.#displace = resolve;
    });
    this.#timer = setInterval(() => this.areInPlace(), CHECK_MS).unref();
  }

  /** Checks now. Once it has returned false, it always does. */
  areInPlace(): boolean {
    for (const [path, identity] of this.#identities)
      if (!this.#reason && identity !== null && identityOf(path) !== identity) this.#lose(path);
    return this.#reason === null;
  }

  /** Throws UNAVAILABLE if a file was removed or replaced. To be called before a change, so that nothing is written. */
  require(): void {
    if (!this.areInPlace()) throw new AppError('UNAVAILABLE', { cause: this.#reason });
  }

  /** To be called after a change. Throws COMMIT_UNCONFIRMED, since the change may be in a file that was removed. */
  confirm(): void {
    if (!this.areInPlace()) throw new AppError('COMMIT_UNCONFIRMED', { cause: this.#reason });
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #lose(path: string): void {
    this.#reason = new DatabaseDisplaced(
      `the file ${path} was removed or replaced while this service was using it. The service makes no more changes. Put the right file back, make sure that no other service uses it, and start again`,
    );
    this.#displace(this.#reason);
  }
}

/** Device and inode; null if there is no file. No other file can have the inode of an open file. */
function identityOf(path: string): string | null {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats ? `${stats.dev}:${stats.ino}` : null;
}

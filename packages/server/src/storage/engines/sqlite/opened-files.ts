import { statSync } from 'node:fs';
import { AppError } from '../../../domain/shared/app-error.ts';
import { DatabaseDisplaced } from '../engine.ts';

const LOOK_MS = 1_000;

/**
 * Checks that the paths of a database still lead to the files that were opened. What is written to a file that was removed
 * or replaced is lost, and another process can then open the database beside this one.
 */
export class OpenedFiles {
  /** Resolves with the reason once a path leads to another file, or to none. */
  readonly displaced: Promise<DatabaseDisplaced>;
  readonly #identities: ReadonlyMap<string, string | null>;
  readonly #timer: NodeJS.Timeout;
  #reason: DatabaseDisplaced | null = null;
  #displace: (reason: DatabaseDisplaced) => void = () => {};

  /** Of paths that lead to no file now it is not expected that they ever do. Looks every second until `close`. */
  constructor(paths: readonly string[]) {
    this.#identities = new Map(paths.map((path) => [path, identityOf(path)]));
    this.displaced = new Promise((resolve) => {
      this.#displace = resolve;
    });
    this.#timer = setInterval(() => this.areInPlace(), LOOK_MS).unref();
  }

  /** Looks now. Once false, it stays false. */
  areInPlace(): boolean {
    for (const [path, identity] of this.#identities)
      if (!this.#reason && identity !== null && identityOf(path) !== identity) this.#lose(path);
    return this.#reason === null;
  }

  /** Throws UNAVAILABLE where a file is not in place. To be called before a change: nothing was changed then. */
  require(): void {
    if (!this.areInPlace()) throw new AppError('UNAVAILABLE', { cause: this.#reason });
  }

  /** As `require`, after a change: it may be in a file that is gone. */
  confirm(): void {
    if (!this.areInPlace()) throw new AppError('COMMIT_UNCONFIRMED', { cause: this.#reason });
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #lose(path: string): void {
    this.#reason = new DatabaseDisplaced(
      `the file ${path} was removed or replaced while this service was using it. Nothing is changed any more. Put the right file in its place, see that no other service uses it, and start again`,
    );
    this.#displace(this.#reason);
  }
}

/** Device and inode, null where there is no file. An open file keeps its inode: no other one can get it. */
function identityOf(path: string): string | null {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats ? `${stats.dev}:${stats.ino}` : null;
}

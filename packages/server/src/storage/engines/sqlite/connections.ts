import type { SqliteExecutor } from './executor.ts';
import type { OpenedFiles } from './opened-files.ts';

/** The connections of a database. A database in memory has one connection for both. */
export interface Connections {
  readonly writer: SqliteExecutor;
  /** Reads committed rows only. */
  readonly reader: SqliteExecutor;
  /** Must be taken before `writer` is used, and ended after it. */
  readonly turns: Mutex;
  /** Checked before each change and before it is acknowledged. */
  readonly files: Pick<OpenedFiles, 'require' | 'confirm'>;
}

/** A mutex: callers get their turn one after another, in the order of `take`. */
export class Mutex {
  #last: Promise<void> = Promise.resolve();

  /** Resolves when it is the caller's turn, with the function that ends the turn. */
  async take(): Promise<() => void> {
    const before = this.#last;
    let end = (): void => {};
    this.#last = new Promise((resolve) => {
      end = resolve;
    });
    await before;
    return end;
  }
}

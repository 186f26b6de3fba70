import type { SqliteExecutor } from './executor.ts';
import type { Mutex } from './mutex.ts';
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

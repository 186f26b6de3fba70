import type { SqliteExecutor } from './executor.ts';
import type { OpenedFiles } from './opened-files.ts';
import type { Turns } from './turns.ts';

/** The connections of a database. One in memory has a single one for both. */
export interface Connections {
  readonly writer: SqliteExecutor;
  /** Sees what is committed. */
  readonly reader: SqliteExecutor;
  /** Whoever uses the writer takes one. */
  readonly turns: Turns;
  /** Looked at before each change and before it is acknowledged. */
  readonly files: Pick<OpenedFiles, 'require' | 'confirm'>;
}

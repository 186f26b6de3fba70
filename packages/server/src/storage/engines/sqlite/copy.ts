import { statSync } from 'node:fs';
import { SqliteThread } from './thread.ts';

const PROGRESS_MS = 200;

/**
 * `VACUUM INTO`: reads one snapshot of the file and its log, regardless of later commits, and blocks no writer. The copy
 * has neither a log nor free pages, so that it contains no deleted rows. It is not synced.
 */
export async function copyDatabase(
  from: string,
  to: string,
  onProgress: (part: number) => void = () => {},
): Promise<void> {
  const thread = await SqliteThread.start({ path: from, readOnly: true, isBackground: true });
  try {
    const stopReports = reportSize(await sizeOf(thread), to, onProgress);
    try {
      await run(thread, 'VACUUM INTO ?', [to]);
    } finally {
      stopReports();
    }
  } finally {
    await thread.close();
  }
}

async function sizeOf(thread: SqliteThread): Promise<number> {
  const sql = 'select page_count * page_size as bytes from pragma_page_count, pragma_page_size';
  const [row] = (await run(thread, sql)).rows as readonly { bytes: number }[];
  return row?.bytes ?? 0;
}

async function run(thread: SqliteThread, sql: string, parameters: readonly unknown[] = []) {
  const { answers, failure } = await thread.run([{ sql, parameters }]);
  const [answer] = answers;
  if (!answer) throw failure;
  return answer;
}

function reportSize(total: number, path: string, onProgress: (part: number) => void): () => void {
  const timer = setInterval(() => {
    const written = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    onProgress(Math.min(written / Math.max(total, 1), 1));
  }, PROGRESS_MS);
  return () => clearInterval(timer);
}

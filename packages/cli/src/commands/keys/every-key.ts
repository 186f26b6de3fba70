import type { ApiKeyBody } from '@latchkey/contract';
import type { Latchkey, ListQuery } from '@latchkey/sdk';
import { startProgress } from '../../terminal/progress.ts';
import type { Terminal } from '../../terminal/terminal.ts';

/** Every key that matches one of the queries, in their order, read page by page with a progress bar. */
export async function everyKey(
  terminal: Terminal,
  latchkey: Latchkey,
  queries: readonly Omit<ListQuery, 'limit' | 'offset' | 'cursor'>[],
): Promise<ApiKeyBody[]> {
  const progress = await startProgress(terminal, 'keys', async () => {
    let total = 0;
    for (const query of queries) total += (await latchkey.keys.list({ ...query, limit: 1 })).pagination.total;
    return total;
  });
  const keys: ApiKeyBody[] = [];
  try {
    for (const query of queries)
      for await (const key of latchkey.keys.listAll(query)) {
        keys.push(key);
        progress.advance();
      }
  } finally {
    progress.stop();
  }
  return keys;
}

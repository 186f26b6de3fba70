import { exportLogs, type LogEntryBody, listLogs, type QueryOf, type ResultOf } from '@latchkey/contract';
import { itemsOf, type PagePlace } from '../pages.ts';
import type { Requester } from '../request.ts';

export type LogQuery = QueryOf<typeof listLogs>;

/** The audit log of the credential's workspace. */
export class AuditLog {
  readonly #requester: Requester;

  constructor(requester: Requester) {
    this.#requester = requester;
  }

  /** One page of entries; by default 50, newest first. */
  async list(query: LogQuery = {}): Promise<ResultOf<typeof listLogs>> {
    const { result } = await this.#requester.call(listLogs, { query });
    return result;
  }

  /** Every matching entry, read page by page; newest first by default. */
  listAll(
    query: Omit<LogQuery, 'limit' | 'offset' | 'cursor'> = {},
  ): AsyncGenerator<LogEntryBody, void, undefined> {
    const read = (place: PagePlace) => this.list({ ...query, ...place });
    return itemsOf(read, ({ logs }) => logs);
  }

  /**
   * The whole hash chain, one line of JSON after another. Store the lines unchanged: `latchkey audit verify` checks every
   * character. An export is complete only if its last line is the anchor.
   */
  export(): AsyncGenerator<string, void, undefined> {
    return this.#requester.lines(exportLogs, {});
  }
}

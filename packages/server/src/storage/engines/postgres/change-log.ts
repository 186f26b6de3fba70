import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Invalidation } from '../../../domain/shared/change-feed.ts';
import { inParts } from '../../statements/batch-query.ts';
import type { Tables } from '../../tables.ts';
import type { ChangeLog, ChangesSince } from '../engine.ts';
import type { PostgresPools } from './pools.ts';

/** Now, by the clock of the server, in milliseconds. */
export const NOW = sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`;

/** Changes are kept longer than the longest lease, and operations longer than a client repeats a call. */
const KEPT_MS = 3_600_000;

/** The beginning of each poll, by which running services are found in `pg_stat_activity`. */
export const POLL_START = 'select pg_current_snapshot()::text as snapshot';

/**
 * What became visible between two snapshots, and the second one: exactly the changes of the transactions that committed in
 * between, however long they took. Both come from one statement, so that no commit is between them.
 */
const SINCE = `${POLL_START}, kind, workspace_id, subject
  from (select 1) as one left join invalidations
    on xid >= pg_snapshot_xmin($1::pg_snapshot) and not pg_visible_in_snapshot(xid, $1::pg_snapshot)`;
/** Receipts are older than the snapshot, like all that an instance reads after it. An older receipt is not waited for. */
const NOW_ON = `${POLL_START}, kind, subject
  from (select 1) as one left join invalidations
    on kind = 'receipt' and created_at > (extract(epoch from clock_timestamp()) * 1000)::bigint - 10000`;

/** The kind of a row that asks all instances for a confirmation. */
export const RECEIPT = 'receipt';

interface Row {
  readonly snapshot: string;
  readonly kind: Invalidation['kind'] | typeof RECEIPT | null;
  readonly workspace_id?: string | null;
  readonly subject: string | null;
}

/** The change log in the table `invalidations`. Other engines with snapshots of transactions could have it too. */
export class PostgresChangeLog implements ChangeLog {
  readonly #pools: PostgresPools;
  readonly #db: Kysely<Tables>;
  onLost: () => void = () => {};

  constructor(pools: PostgresPools, db: Kysely<Tables>) {
    this.#pools = pools;
    this.#db = db;
  }

  async record(db: Kysely<Tables>, changes: readonly Invalidation[]): Promise<void> {
    const rows = changes.map((change): RawBuilder<unknown> => {
      const { kind, workspaceId, subject } = columnsOf(change);
      return sql`(pg_current_xact_id(), ${kind}, ${workspaceId}, ${subject}, ${NOW})`;
    });
    for (const part of inParts(rows))
      await sql`insert into invalidations (xid, kind, workspace_id, subject, created_at)
        values ${sql.join(part)}`.execute(db);
  }

  async since(snapshot: string | null): Promise<ChangesSince> {
    const { rows } =
      snapshot === null
        ? await this.#pools.query('feed', NOW_ON, [])
        : await this.#pools.query('feed', SINCE, [snapshot]);
    const found = rows as Row[];
    const [first] = found;
    if (!first) throw new Error('the poll of changes has no snapshot');
    const receipts = found.flatMap(({ kind, subject }) => (kind === RECEIPT && subject ? [subject] : []));
    return { snapshot: first.snapshot, changes: found.flatMap(changeOf), receipts };
  }

  async purge(): Promise<void> {
    await this.#db
      .deleteFrom('invalidations')
      .where('created_at', '<', sql<number>`${NOW} - ${sql.lit(KEPT_MS)}`)
      .execute();
    await this.#db
      .deleteFrom('operations')
      .where('committed_at', '<', sql<number>`${NOW} - ${sql.lit(KEPT_MS)}`)
      .execute();
  }
}

function columnsOf(change: Invalidation) {
  switch (change.kind) {
    case 'key':
      return { kind: change.kind, workspaceId: null, subject: change.keyId };
    case 'secret':
      return { kind: change.kind, workspaceId: null, subject: change.digest };
    case 'member':
      return { kind: change.kind, workspaceId: change.workspaceId, subject: change.userId };
    case 'workspace':
      return { kind: change.kind, workspaceId: change.workspaceId, subject: null };
    case 'everything':
      return { kind: change.kind, workspaceId: null, subject: null };
  }
}

function changeOf({ kind, workspace_id, subject }: Row): Invalidation[] {
  const workspaceId = workspace_id ?? '';
  const name = subject ?? '';
  switch (kind) {
    case null:
    case RECEIPT:
      return [];
    case 'key':
      return [{ kind, keyId: name }];
    case 'secret':
      return [{ kind, digest: name }];
    case 'member':
      return [{ kind, workspaceId, userId: name }];
    case 'workspace':
      return [{ kind, workspaceId }];
    // Also the changes of a newer version, which this one does not know.
    default:
      return [{ kind: 'everything' }];
  }
}

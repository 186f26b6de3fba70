import { type Kysely, sql } from 'kysely';
import type { Confirmation, InstanceState } from '../../../domain/host/instances.ts';
import type { InstanceTable, Tables } from '../../tables.ts';
import type { PeerTable } from '../engine.ts';
import { NOW, RECEIPT } from './change-log.ts';

/** Longer than a caller waits for confirmations. */
const CONFIRMATIONS_KEPT_MS = 3_600_000;

/** The tables `instances`, `confirmations` and `job_leases`. Each method is one statement. */
export class PostgresPeers implements PeerTable {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  async beat({ lastError, ...state }: Omit<InstanceState, 'heartbeatAt'>, liveMs: number): Promise<void> {
    const changing = {
      heartbeat_at: NOW,
      live_until: sql<number>`${NOW} + ${liveMs}::bigint`,
      lag_ms: state.lagMs,
      cached_keys: state.cachedKeys,
      last_error_at: lastError?.at ?? null,
      last_error: lastError?.message ?? null,
    };
    const { id, version, host, pid, startedAt, pepperIds } = state;
    await this.#db
      .insertInto('instances')
      .values({ id, version, host, pid, started_at: startedAt, pepper_ids: pepperIds.join(), ...changing })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(changing))
      .execute();
  }

  async remove(instanceId: string): Promise<void> {
    await this.#db.deleteFrom('instances').where('id', '=', instanceId).execute();
  }

  async live(): Promise<InstanceState[]> {
    const live = this.#db.selectFrom('instances').selectAll().where('live_until', '>', NOW);
    return (await live.orderBy('started_at').orderBy('id').execute()).map(stateOf);
  }

  async askFor(receipt: string): Promise<void> {
    await sql`insert into invalidations (xid, kind, workspace_id, subject, created_at)
      values (pg_current_xact_id(), ${RECEIPT}, null, ${receipt}, ${NOW})`.execute(this.#db);
  }

  async confirm(receipts: readonly string[], instanceId: string): Promise<void> {
    await this.#db
      .insertInto('confirmations')
      .values(receipts.map((receipt) => ({ receipt, instance_id: instanceId, confirmed_at: NOW })))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  async confirmations(receipts: readonly string[]): Promise<Map<string, Confirmation[]>> {
    const { rows } = await sql<{ receipt: string; id: string; confirmed_at: number | null }>`
      select asked.receipt, instances.id, confirmed_at
        from unnest(${[...receipts]}::text[]) as asked (receipt) cross join instances
        left join confirmations
          on confirmations.receipt = asked.receipt and confirmations.instance_id = instances.id
       where instances.live_until > ${NOW} order by instances.started_at, instances.id`.execute(this.#db);
    const found = new Map<string, Confirmation[]>(receipts.map((receipt) => [receipt, []]));
    for (const { receipt, id, confirmed_at: confirmedAt } of rows)
      found.get(receipt)?.push({ id, confirmedAt });
    return found;
  }

  async takeJob(job: string, holder: string, heldMs: number): Promise<boolean> {
    const held = { holder, held_until: sql<number>`${NOW} + ${heldMs}::bigint` };
    const taken = await this.#db
      .insertInto('job_leases')
      .values({ job, ...held, due_at: 0 })
      .onConflict((conflict) =>
        conflict
          .column('job')
          .doUpdateSet(held)
          .where('job_leases.held_until', '<=', NOW)
          .where('job_leases.due_at', '<=', NOW),
      )
      .executeTakeFirst();
    return taken.numInsertedOrUpdatedRows === 1n;
  }

  async keepJob(job: string, holder: string, heldMs: number): Promise<boolean> {
    const kept = await this.#db
      .updateTable('job_leases')
      .set({ held_until: sql<number>`${NOW} + ${heldMs}::bigint` })
      .where('job', '=', job)
      .where('holder', '=', holder)
      .where('held_until', '>', NOW)
      .executeTakeFirst();
    return kept.numUpdatedRows === 1n;
  }

  async endJob(job: string, holder: string, restMs: number): Promise<void> {
    await this.#db
      .updateTable('job_leases')
      .set({ holder: null, held_until: 0, due_at: sql<number>`${NOW} + ${restMs}::bigint` })
      .where('job', '=', job)
      .where('holder', '=', holder)
      .execute();
  }

  async purge(): Promise<void> {
    await this.#db.deleteFrom('instances').where('live_until', '<=', NOW).execute();
    await this.#db
      .deleteFrom('confirmations')
      .where('confirmed_at', '<', sql<number>`${NOW} - ${sql.lit(CONFIRMATIONS_KEPT_MS)}`)
      .execute();
  }
}

function stateOf({ last_error: message, last_error_at: at, ...row }: InstanceTable): InstanceState {
  return {
    id: row.id,
    version: row.version,
    host: row.host,
    pid: row.pid,
    startedAt: row.started_at,
    pepperIds: row.pepper_ids?.split(',') ?? [],
    heartbeatAt: row.heartbeat_at,
    lagMs: row.lag_ms,
    cachedKeys: row.cached_keys,
    lastError: at === null || message === null ? null : { at, message },
  };
}

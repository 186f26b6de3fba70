import { setTimeout as pause } from 'node:timers/promises';
import { OperatorError } from '../../../domain/shared/operator-error.ts';
import { LATE_MS_MAX, type StandbyState } from '../engine.ts';
import { codeOf, openProblem, serverOf } from './errors.ts';
import type { PostgresPools } from './pools.ts';

const REPEAT_MS = 10;
const ANSWER_MS_MAX = 5_000;

const UNDEFINED_TABLE = '42P01';

/** What distinguishes a server, and what it has of the database. */
interface ServerState {
  /** When the database was made, which a copy of it shares with no other database. */
  readonly madeAt: number;
  readonly startedAt: string;
  readonly isStandby: boolean;
  /** Of a primary, the end of its log. */
  readonly position: string;
}

const STATE = `select (select created_at from installation) as "madeAt",
  pg_postmaster_start_time()::text || current_database() as "startedAt", pg_is_in_recovery() as "isStandby",
  case when pg_is_in_recovery() then '' else pg_current_wal_lsn()::text end as position`;

const PROGRESS = `select pg_last_wal_replay_lsn() >= $1::pg_lsn as "hasAll",
  pg_last_xact_replay_timestamp() as "lastChangeAt"`;

/** As `Standby.check`. */
export async function checkStandby(
  url: string,
  standby: PostgresPools,
  primary: PostgresPools,
): Promise<StandbyState> {
  const own = await stateOf(primary);
  if (!own) throw new OperatorError('the database of DATABASE_URL is not initialised yet');
  const found = await stateOf(standby).catch((error: unknown) => {
    throw new OperatorError(`${(openProblem(url, error) as Error).message}. The primary answers lists`);
  });
  const server = serverOf(url);
  if (found?.madeAt !== own.madeAt)
    throw new OperatorError(
      `${server} is not a copy of the database of DATABASE_URL, and is not used: the primary answers lists`,
    );
  if (found.startedAt === own.startedAt)
    throw new OperatorError(
      `${server} is the database of DATABASE_URL itself. Set DATABASE_READ_URL to a standby, or remove it`,
    );
  if (!found.isStandby)
    throw new OperatorError(
      `${server} is a copy that does not follow the primary, so that lists and exports lack all later changes. Set DATABASE_READ_URL to a standby, or remove it`,
    );
  return { server, ...(await lateness(standby, own.position)) };
}

/** Null if the database has no tables of Latchkey, or no service was started with it. */
async function stateOf(server: PostgresPools): Promise<ServerState | null> {
  try {
    const { rows } = await server.query('reads', STATE, [], ANSWER_MS_MAX);
    const [state] = rows as ServerState[];
    return state?.madeAt == null ? null : state;
  } catch (error) {
    if (codeOf(error) === UNDEFINED_TABLE) return null;
    throw error;
  }
}

/** Waits until the standby has all changes up to the position. */
async function lateness(standby: PostgresPools, position: string): Promise<Omit<StandbyState, 'server'>> {
  const since = performance.now();
  for (;;) {
    const { rows } = await standby.query('reads', PROGRESS, [position], ANSWER_MS_MAX);
    const [{ hasAll, lastChangeAt }] = rows as [{ hasAll: boolean; lastChangeAt: Date | null }];
    const passed = performance.now() - since;
    if (hasAll || passed > LATE_MS_MAX) return { lateMs: hasAll ? Math.round(passed) : null, lastChangeAt };
    await pause(REPEAT_MS);
  }
}

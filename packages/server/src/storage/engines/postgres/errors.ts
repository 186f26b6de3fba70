import pg from 'pg';
import { AppError } from '../../../domain/shared/app-error.ts';
import { OperatorError } from '../../../domain/shared/operator-error.ts';

/** The connection ended, or its server no longer takes changes. Statements without an answer may have been run. */
export class ConnectionLost extends AppError {
  constructor(cause: unknown) {
    super('UNAVAILABLE', { cause });
  }
}

/** Codes of PostgreSQL (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
const DEADLOCK = '40P01';
const SERIALIZATION_FAILURE = '40001';
export const UNIQUE_VIOLATION = '23505';
const DISK_FULL = '53100';
const LOCK_NOT_AVAILABLE = '55P03';
const QUERY_CANCELED = '57014';

/** Another server has become the primary, or this one is stopping or starting. */
const SERVER_GONE: ReadonlySet<string> = new Set(['25006', '25P03', '57P01', '57P02', '57P03', '57P05']);

/** What Node and `pg` report for a connection that could not be made, was cut, or did not answer in time. */
const CONNECTION_CODES = /^(?:E(?:CONN\w+|PIPE|HOSTUNREACH|NETUNREACH|TIMEDOUT|NOTFOUND|AI_AGAIN)|08\w{3})$/;
const CONNECTION_MESSAGES =
  /^Connection terminated|^timeout e|^Query read timeout|not queryable|^Client was closed|^Connection ended/i;

export function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

function isConnectionLost(error: unknown): boolean {
  const code = codeOf(error);
  const { message = '' } = (error ?? {}) as { message?: string };
  return SERVER_GONE.has(code) || CONNECTION_CODES.test(code) || CONNECTION_MESSAGES.test(message);
}

/** The error as AppError if there is a code for it; other errors are returned unchanged. */
export function translated(cause: unknown): unknown {
  if (cause instanceof AppError) return cause;
  if (isConnectionLost(cause)) return new ConnectionLost(cause);
  const code = codeOf(cause);
  if (code === DISK_FULL) return new AppError('STORAGE_FULL', { cause });
  const isBusy = code === LOCK_NOT_AVAILABLE || code === QUERY_CANCELED || code.startsWith('53');
  return isBusy ? new AppError('UNAVAILABLE', { cause }) : cause;
}

/** Did the server undo the transaction because of others, so that it can succeed when it is run again? */
export function isConflict(error: unknown): boolean {
  return [DEADLOCK, SERIALIZATION_FAILURE].includes(codeOf(error));
}

/** The database of a URL, without its password. */
export function serverOf(url: string): string {
  const { host, port, database } = new pg.Client({ connectionString: url });
  return `the database ${database ?? ''} at ${host}:${port}`;
}

/** The error for the operator if a database cannot be opened. It names the server, but not the password of the URL. */
export function openProblem(url: string, error: unknown): unknown {
  if (error instanceof OperatorError) return error;
  const { message } = innermost(error);
  const advice =
    codeOf(innermost(error)) === '3D000' ? '. Create it first: Latchkey makes only its tables' : '';
  return new OperatorError(`${serverOf(url)} cannot be opened: ${message}${advice}`);
}

function innermost(error: unknown): Error {
  const { cause } = error as Error;
  return cause instanceof Error ? innermost(cause) : (error as Error);
}

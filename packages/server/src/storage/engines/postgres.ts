import { OperatorError } from '../../domain/shared/operator-error.ts';
import type { Engine } from './engine.ts';

/**
 * PostgreSQL 13 or later, also behind PgBouncer in transaction mode. Any number of processes can open a database. The driver
 * is imported only where it is used, since the import slows the start.
 */
export const postgres: Engine = {
  schemes: ['postgres', 'postgresql'],
  exists: async (url) => (await import('./postgres/open.ts')).exists(url),
  open: async (url, standbyUrl) => (await import('./postgres/open.ts')).open(url, standbyUrl),
  requireNoService: async (url) => (await import('./postgres/open.ts')).requireNoService(url),
  fileOf: () => null,
  requireFile: useOwnTools,
  copy: async () => useOwnTools(),
  openCopy: async () => useOwnTools(),
  lock: async () => useOwnTools(),
};

function useOwnTools(): never {
  throw new OperatorError(
    'a database of PostgreSQL is backed up and restored with its own tools: pg_dump and pg_restore, or base backups with point-in-time recovery. Back up the pepper file too',
  );
}

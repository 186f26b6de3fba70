import type { Kysely } from 'kysely';
import { OperatorError } from '../../domain/shared/operator-error.ts';
import type { Tables } from '../tables.ts';

/** An open database of some engine. */
export interface Database {
  readonly db: Kysely<Tables>;
  /** Resolves with the reason where the database is gone for good: from then on every call is UNAVAILABLE. */
  readonly lost: Promise<Error>;
  /** Reads everything and names what is broken; empty where it is sound. */
  findDamage(): Promise<readonly string[]>;
  /** Closes every connection. Idempotent. */
  close(): Promise<void>;
}

/**
 * All that storage needs of an engine. Its connections commit durably: a resolved commit survives the loss of power.
 * Its errors arrive as AppError where the caller's situation has a code: STORAGE_FULL, UNAVAILABLE.
 */
export interface Engine {
  /** The schemes of the database URLs it opens, without the colon. */
  readonly schemes: readonly string[];
  /**
   * Opens the database, making it where it does not exist. Throws OperatorError where it cannot, and DatabaseInUse where
   * another process has it and the engine does not share.
   */
  open(url: string): Promise<Database>;
}

/** Another process has the database, of an engine that serves one process at a time. */
export class DatabaseInUse extends OperatorError {}

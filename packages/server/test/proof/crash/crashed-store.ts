import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from '@photostructure/sqlite';
import type { KeyState } from './ledger.ts';

type Driver = { DatabaseSync: typeof DatabaseSync };
type Connection = InstanceType<typeof DatabaseSync>;

const DATABASE = 'latchkey.db';

/** A key as it is stored in the file. */
export interface StoredKey {
  readonly id: string;
  readonly state: KeyState;
}

/** An entry of the audit log as it is stored in the file. */
export interface StoredEntry {
  readonly sequence: number;
  readonly hash: string;
  readonly eventType: string;
  /** The id of the changed object. */
  readonly target: string;
  readonly after: object | null;
}

interface EntryRow {
  readonly sequence: number;
  readonly hash: string;
  readonly event_type: string;
  readonly details: string;
}

interface KeyRow {
  readonly id: string;
  readonly name: string;
  readonly is_active: number;
  readonly expires_at: number | null;
  readonly requests_per_minute: number | null;
  readonly requests_per_day: number | null;
  readonly revoked_at: number | null;
  readonly revoked_reason: string | null;
  readonly version: number;
  readonly hint: string;
  readonly secrets: number;
}

const KEY_ROWS = `SELECT id, name, is_active, expires_at, requests_per_minute, requests_per_day, revoked_at,
  revoked_reason, version, hint,
  (SELECT count(*) FROM api_key_secrets WHERE key_id = api_keys.id) AS secrets FROM api_keys`;

/** Each of these queries returns no rows in a consistent database, whatever the process was doing when it died. */
const NEVER = {
  'a key without exactly one present secret': `SELECT api_keys.id AS what FROM api_keys
    LEFT JOIN api_key_secrets ON key_id = api_keys.id AND retires_at IS NULL
    GROUP BY api_keys.id HAVING count(digest) <> 1`,
  'a secret without its key': `SELECT digest AS what FROM api_key_secrets
    WHERE key_id NOT IN (SELECT id FROM api_keys)`,
  'a secret that outlives the present one': `SELECT old.key_id AS what FROM api_key_secrets old
    JOIN api_key_secrets present ON present.key_id = old.key_id AND present.retires_at IS NULL
    WHERE old.retires_at IS NOT NULL AND old.created_at > present.created_at`,
  'a kept answer without its key': `SELECT id AS what FROM replays
    WHERE subject_id NOT IN (SELECT id FROM api_keys)`,
  'a key made with an Idempotency-Key without its kept answer': `SELECT id AS what FROM api_keys
    WHERE name LIKE 'idem-%' AND id NOT IN (SELECT subject_id FROM replays)`,
  'two keys of one call': `SELECT name AS what FROM api_keys GROUP BY name HAVING count(*) > 1`,
  'a gap in the audit log': `SELECT workspace_id AS what FROM audit_entries
    GROUP BY workspace_id HAVING count(*) <> max(sequence)`,
  'a row that refers to nothing': `SELECT "table" AS what FROM pragma_foreign_key_check`,
} as const;

/**
 * The database as a killed process has left it: a copy of the file and its log, without the index of that log, so that it
 * is read as the next start will read it. The original is not touched: an open file here would change how it recovers.
 */
export class CrashedStore {
  readonly #folder: string;
  readonly #connection: Connection;

  private constructor(folder: string, connection: Connection) {
    this.#folder = folder;
    this.#connection = connection;
  }

  static async open(dataDir: string): Promise<CrashedStore> {
    const { DatabaseSync } = await loadDriver();
    const folder = `${dataDir}-copy`;
    mkdirSync(folder);
    for (const name of [DATABASE, `${DATABASE}-wal`]) {
      if (existsSync(join(dataDir, name))) copyFileSync(join(dataDir, name), join(folder, name));
    }
    return new CrashedStore(folder, new DatabaseSync(join(folder, DATABASE), { readOnly: true }));
  }

  key(id: string): StoredKey | null {
    return this.#keys('WHERE id = ?', id)[0] ?? null;
  }

  named(name: string): StoredKey[] {
    return this.#keys('WHERE name = ?', name);
  }

  /** In the order of the log. */
  entriesAfter(sequence: number): StoredEntry[] {
    const rows = this.#connection
      .prepare('SELECT sequence, hash, event_type, details FROM audit_entries WHERE sequence > ? ORDER BY 1')
      .all(sequence) as unknown as EntryRow[];
    return rows.map(toEntry);
  }

  /** Null where there is no such entry. */
  entryHash(sequence: number): string | null {
    const row = this.#connection.prepare('SELECT hash FROM audit_entries WHERE sequence = ?').get(sequence);
    return (row as { hash: string } | undefined)?.hash ?? null;
  }

  /** The number of changes of all keys, their creation included. */
  changes(): number {
    const row = this.#connection.prepare('SELECT sum(version) AS changes FROM api_keys').get();
    return (row as { changes: number }).changes;
  }

  /** Inconsistencies that a sound database never has, as sentences. */
  brokenInvariants(): string[] {
    return Object.entries(NEVER).flatMap(([rule, sql]) => {
      const rows = this.#connection.prepare(sql).all() as { what: string }[];
      return rows.map(({ what }) => `${rule}: ${what}`);
    });
  }

  /** The result of SQLite's integrity check, which reads the whole file. */
  damage(): string[] {
    const rows = this.#connection.prepare('PRAGMA integrity_check').all() as { integrity_check: string }[];
    return rows.map((row) => row.integrity_check).filter((line) => line !== 'ok');
  }

  close(): void {
    this.#connection.close();
    rmSync(this.#folder, { recursive: true });
  }

  #keys(where: string, value: string): StoredKey[] {
    const rows = this.#connection.prepare(`${KEY_ROWS} ${where}`).all(value) as unknown as KeyRow[];
    return rows.map((row) => ({ id: row.id, state: toState(row) }));
  }
}

/** The driver that the service itself takes on this platform. */
async function loadDriver(): Promise<Driver> {
  const builtIn = process.getBuiltinModule?.('node:sqlite') as Driver | undefined;
  return builtIn ?? (await import('@photostructure/sqlite'));
}

function toEntry({ sequence, hash, event_type: eventType, details }: EntryRow): StoredEntry {
  const { target, after } = JSON.parse(details) as { target: { id: string }; after: object | null };
  return { sequence, hash, eventType, target: target.id, after };
}

function toState(row: KeyRow): KeyState {
  return {
    name: row.name,
    isActive: row.is_active === 1,
    expiresAt: row.expires_at,
    requestsPerMinute: row.requests_per_minute,
    requestsPerDay: row.requests_per_day,
    isRevoked: row.revoked_at !== null,
    revokedReason: row.revoked_reason,
    version: row.version,
    hint: row.hint,
    secrets: row.secrets,
  };
}

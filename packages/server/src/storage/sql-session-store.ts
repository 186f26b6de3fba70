import type { Kysely } from 'kysely';
import type { Session } from '../domain/sessions/session.ts';
import type { SessionStore } from '../domain/sessions/session-store.ts';
import type { Keyring, SealedField } from '../domain/shared/keyring.ts';
import type { CallingSession, OwnedSessions } from '../domain/workspaces/owned-sessions.ts';
import type { SessionRow, Tables } from './tables.ts';

export class SqlSessionStore implements SessionStore, OwnedSessions {
  readonly #db: Kysely<Tables>;
  readonly #keyring: Keyring;

  constructor(db: Kysely<Tables>, keyring: Keyring) {
    this.#db = db;
    this.#keyring = keyring;
  }

  async insert(session: Session, digest: string): Promise<void> {
    await this.#db.insertInto('sessions').values(this.#toRow(session, digest)).execute();
  }

  async findByDigest(digest: string): Promise<Session | null> {
    const rows = await this.#db.selectFrom('sessions').selectAll().where('digest', '=', digest).execute();
    return this.#intact(rows)[0] ?? null;
  }

  async list(workspaceId: string, userId: string): Promise<Session[]> {
    const rows = await this.#db
      .selectFrom('sessions')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('user_id', '=', userId)
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .execute();
    return this.#intact(rows);
  }

  async recordSeen(sessionId: string, at: number): Promise<void> {
    await this.#db
      .updateTable('sessions')
      .set({ last_seen_at: at })
      .where('id', '=', sessionId)
      .where('last_seen_at', '<', at)
      .execute();
  }

  async remove(workspaceId: string, userId: string, sessionId: string): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('sessions')
      .where('workspace_id', '=', workspaceId)
      .where('user_id', '=', userId)
      .where('id', '=', sessionId)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  async purge(now: number, seenBefore: number): Promise<number> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('sessions')
      .where((expression) =>
        expression.or([expression('expires_at', '<', now), expression('last_seen_at', '<', seenBefore)]),
      )
      .executeTakeFirst();
    return Number(numDeletedRows);
  }

  async calling(workspaceId: string, sessionId: string): Promise<CallingSession | null> {
    const rows = await this.#db
      .selectFrom('sessions')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', sessionId)
      .execute();
    return this.#intact(rows)[0] ?? null;
  }

  async endAllOf(workspaceId: string, userId: string): Promise<void> {
    for (const table of ['sessions', 'sign_in_links'] as const) {
      await this.#db
        .deleteFrom(table)
        .where('workspace_id', '=', workspaceId)
        .where('user_id', '=', userId)
        .execute();
    }
  }

  #toRow(session: Session, digest: string): SessionRow {
    const row = {
      id: session.id,
      workspace_id: session.workspaceId,
      user_id: session.userId,
      key_id: session.keyId,
      digest,
      created_at: session.createdAt,
      last_seen_at: session.lastSeenAt,
      expires_at: session.expiresAt,
      address: session.address,
      agent: session.agent,
    };
    return { ...row, seal: this.#keyring.sealRow('session', authorityOf(row)) };
  }

  #intact(rows: readonly SessionRow[]): Session[] {
    return rows.filter((row) => this.#keyring.isIntact(row.seal, 'session', authorityOf(row))).map(fromRow);
  }
}

function fromRow(row: SessionRow): Session {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    userId: row.user_id,
    keyId: row.key_id,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    expiresAt: row.expires_at,
    address: row.address,
    agent: row.agent,
  };
}

/** What decides who is signed in, by which token and until when at the latest. */
function authorityOf(row: Omit<SessionRow, 'seal'>): SealedField[] {
  return [row.id, row.workspace_id, row.user_id, row.key_id, row.digest, row.created_at, row.expires_at];
}

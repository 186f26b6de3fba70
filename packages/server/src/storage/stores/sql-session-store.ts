import type { Expression, ExpressionBuilder, Kysely, SqlBool } from 'kysely';
import type { Session, SessionStore } from '../../domain/sessions/session.ts';
import type { Keyring, SealedField } from '../../domain/shared/keyring.ts';
import type { Page, PageRequest } from '../../domain/shared/page.ts';
import type { Credential } from '../../domain/tenancy/descent.ts';
import type { CallingSession, OwnedSessions } from '../../domain/tenancy/member-credentials.ts';
import { inParts } from '../statements/batch-query.ts';
import { pageOf, rowsAfter } from '../statements/keyset.ts';
import type { SessionRow, Tables } from '../tables.ts';
import { fromIssuerColumns, sealedIssuer, toIssuerColumns } from './issuer-columns.ts';

const SIGN_INS = [
  ['sessions', 'session'],
  ['sign_in_links', 'sign-in-link'],
  ['mailed_links', 'sign-in-link'],
] as const;

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

  async listLive(
    workspaceId: string,
    userId: string,
    { now, seenAfter }: { readonly now: number; readonly seenAfter: number },
    page: PageRequest,
  ): Promise<Page<Session>> {
    const rows = await this.#db
      .selectFrom('sessions')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('user_id', '=', userId)
      .where('expires_at', '>', now)
      .where('last_seen_at', '>', seenAfter)
      .where(rowsAfter({ column: 'created_at', id: 'id', sortOrder: 'desc' }, page.after))
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(page.limit + 1)
      .execute();
    const { items, next } = pageOf(rows, page, ({ created_at, id }) => ({ value: created_at, id }));
    return { items: this.#intact(items), next };
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

  async endAllOf(workspaceId: string, userId: string, now: number): Promise<Credential[]> {
    return this.#end(workspaceId, now, (row) => row('user_id', '=', userId));
  }

  async end(workspaceId: string, ids: readonly string[], now: number): Promise<Credential[]> {
    const ended: Credential[] = [];
    for (const part of inParts(ids))
      ended.push(...(await this.#end(workspaceId, now, (row) => row('id', 'in', part))));
    return ended;
  }

  /** Deletes sessions and links, and returns those that had not expired. */
  async #end(
    workspaceId: string,
    now: number,
    which: (
      row: ExpressionBuilder<Tables, 'sessions' | 'sign_in_links' | 'mailed_links'>,
    ) => Expression<SqlBool>,
  ): Promise<Credential[]> {
    const ended: Credential[] = [];
    for (const [table, kind] of SIGN_INS) {
      const rows = await this.#db
        .deleteFrom(table)
        .where('workspace_id', '=', workspaceId)
        .where(which)
        .returning(['id', 'expires_at'])
        .execute();
      for (const { id, expires_at } of rows) if (expires_at > now) ended.push({ kind, id });
    }
    return ended;
  }

  #toRow(session: Session, digest: string): SessionRow {
    const row = {
      id: session.id,
      workspace_id: session.workspaceId,
      user_id: session.userId,
      account_id: session.accountId,
      ...toIssuerColumns(session.issuer),
      digest,
      created_at: session.createdAt,
      last_seen_at: session.lastSeenAt,
      expires_at: session.expiresAt,
      address: session.address,
      agent: session.agent,
    };
    return { ...row, seal: this.#keyring.sealRow('session', sessionAuthority(row)) };
  }

  #intact(rows: readonly SessionRow[]): Session[] {
    return rows
      .filter((row) => this.#keyring.isIntact(row.seal, 'session', sessionAuthority(row)))
      .map(fromRow);
  }
}

function fromRow(row: SessionRow): Session {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    userId: row.user_id,
    accountId: row.account_id,
    issuer: fromIssuerColumns(row),
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    expiresAt: row.expires_at,
    address: row.address,
    agent: row.agent,
  };
}

/**
 * The sealed fields: they decide who is signed in, by which token and until when. The account is an extra field
 * only if there is one, so that rows from before accounts keep their seal.
 */
export function sessionAuthority(row: Omit<SessionRow, 'seal'>): SealedField[] {
  const { id, workspace_id, user_id, key_id, digest, created_at, expires_at, account_id } = row;
  const ofAccount = account_id === null ? [] : [`account ${account_id}`];
  const base = [id, workspace_id, user_id, key_id, digest, created_at, expires_at];
  return [...base, ...sealedIssuer(row), ...ofAccount];
}

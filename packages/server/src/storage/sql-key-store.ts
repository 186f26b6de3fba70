import type { Expression, ExpressionBuilder, Kysely, SqlBool } from 'kysely';
import type { Key, Secret } from '../domain/keys/key.ts';
import type {
  KeyFilter,
  KeyLookup,
  KeyPage,
  KeyRecord,
  KeySort,
  KeyStore,
} from '../domain/keys/key-store.ts';
import type { Keyring } from '../domain/shared/keyring.ts';
import { fromKeyRow, isSecretIntact, sealSecretRow, toKeyRow, toSecretRow } from './key-rows.ts';
import { contains } from './substring.ts';
import type { Tables } from './tables.ts';

const SORT_COLUMNS = {
  createdAt: 'api_keys.created_at',
  name: 'api_keys.name_folded',
  lastUsedAt: 'api_keys.last_used_at',
  expiresAt: 'api_keys.expires_at',
} as const satisfies Record<KeySort, string>;

export class SqlKeyStore implements KeyStore, KeyLookup {
  readonly #db: Kysely<Tables>;
  readonly #keyring: Keyring;

  constructor(db: Kysely<Tables>, keyring: Keyring) {
    this.#db = db;
    this.#keyring = keyring;
  }

  async insert(key: Key, secret: Secret): Promise<void> {
    await this.#db.insertInto('api_keys').values(toKeyRow(key, this.#keyring)).execute();
    await this.#db
      .insertInto('api_key_secrets')
      .values(toSecretRow(key, secret, this.#keyring))
      .execute();
  }

  async find(workspaceId: string, keyId: string): Promise<Key | null> {
    const row = await this.#owned()
      .where('api_keys.workspace_id', '=', workspaceId)
      .where('api_keys.id', '=', keyId)
      .executeTakeFirst();
    return row ? fromKeyRow(row, this.#keyring) : null;
  }

  async list(
    workspaceId: string,
    filter: KeyFilter,
    page: KeyPage,
    now: number,
  ): Promise<{ keys: Key[]; total: number }> {
    const matching = this.#owned()
      .where('api_keys.workspace_id', '=', workspaceId)
      .where((expression) => expression.and(conditions(expression, filter, now)));
    const rows = await matching
      .orderBy(SORT_COLUMNS[page.sortBy], (order) =>
        page.sortOrder === 'asc' ? order.asc().nullsLast() : order.desc().nullsFirst(),
      )
      .orderBy('api_keys.id', page.sortOrder)
      .limit(page.limit)
      .offset(page.offset)
      .execute();
    const { total } = await matching
      .clearSelect()
      .select((expression) => expression.fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow();
    return { keys: rows.map((row) => fromKeyRow(row, this.#keyring)), total: Number(total) };
  }

  async update(key: Key): Promise<boolean> {
    const row = toKeyRow({ ...key, version: key.version + 1 }, this.#keyring);
    const { name, name_folded, is_active, requests_per_minute, requests_per_day } = row;
    const { expires_at, revoked_at, revoked_reason, version, seal } = row;
    const result = await this.#db
      .updateTable('api_keys')
      .set({ name, name_folded, is_active, requests_per_minute, requests_per_day })
      .set({ expires_at, revoked_at, revoked_reason, version, seal })
      .where('workspace_id', '=', key.workspaceId)
      .where('id', '=', key.id)
      .where('version', '=', key.version)
      .executeTakeFirst();
    return result.numUpdatedRows > 0n;
  }

  async replaceSecret(
    workspaceId: string,
    keyId: string,
    secret: Secret,
    now: number,
    retireAt: number,
  ): Promise<void> {
    await this.#retireSecrets(keyId, now, retireAt);
    await this.#db
      .insertInto('api_key_secrets')
      .values(toSecretRow({ id: keyId, workspaceId }, secret, this.#keyring))
      .execute();
    await this.#db
      .updateTable('api_keys')
      .set((expression) => ({ hint: secret.hint, version: expression('version', '+', 1) }))
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', keyId)
      .execute();
  }

  async descendants(workspaceId: string, keyId: string): Promise<Key[]> {
    const rows = await this.#db
      .withRecursive('descendants(id)', (db) =>
        db
          .selectFrom('api_keys')
          .select('id')
          .where('created_by_key_id', '=', keyId)
          .where('workspace_id', '=', workspaceId)
          .union(
            db
              .selectFrom('api_keys')
              .innerJoin('descendants', 'descendants.id', 'api_keys.created_by_key_id')
              .select('api_keys.id'),
          ),
      )
      .selectFrom('descendants')
      .innerJoin('api_keys', 'api_keys.id', 'descendants.id')
      .innerJoin('users', 'users.id', 'api_keys.user_id')
      .selectAll('api_keys')
      .select(['users.email as owner_email', 'users.display_name as owner_display_name'])
      .where('api_keys.revoked_at', 'is', null)
      .orderBy('api_keys.id')
      .execute();
    return rows.map((row) => fromKeyRow(row, this.#keyring));
  }

  async recordUses(uses: ReadonlyMap<string, number>): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      for (const [keyId, at] of uses) {
        await transaction
          .updateTable('api_keys')
          .set({ last_used_at: at })
          .where('id', '=', keyId)
          .where((expression) =>
            expression.or([expression('last_used_at', 'is', null), expression('last_used_at', '<', at)]),
          )
          .execute();
      }
    });
  }

  async findByDigest(digest: string): Promise<KeyRecord | null> {
    const row = await this.#owned()
      .innerJoin('api_key_secrets', 'api_key_secrets.key_id', 'api_keys.id')
      .select([
        'api_key_secrets.digest as secret_digest',
        'api_key_secrets.workspace_id as secret_workspace_id',
        'api_key_secrets.retires_at as secret_retires_at',
        'api_key_secrets.seal as secret_seal',
      ])
      .where('api_key_secrets.digest', '=', digest)
      .executeTakeFirst();
    if (!row) return null;
    const secret = {
      digest: row.secret_digest,
      workspace_id: row.secret_workspace_id,
      key_id: row.id,
      retires_at: row.secret_retires_at,
      seal: row.secret_seal,
    };
    const key = fromKeyRow(row, this.#keyring);
    const isIntact = key.isIntact && isSecretIntact(secret, this.#keyring);
    return { key: { ...key, isIntact }, secretRetiresAt: row.secret_retires_at };
  }

  #owned() {
    return this.#db
      .selectFrom('api_keys')
      .innerJoin('users', 'users.id', 'api_keys.user_id')
      .selectAll('api_keys')
      .select(['users.email as owner_email', 'users.display_name as owner_display_name']);
  }

  /** The present secret retires at `retireAt`, an earlier one that still lives retires now. Altered rows stay as they are. */
  async #retireSecrets(keyId: string, now: number, retireAt: number): Promise<void> {
    const rows = await this.#db
      .selectFrom('api_key_secrets')
      .selectAll()
      .where('key_id', '=', keyId)
      .execute();
    for (const row of rows) {
      const isLive = row.retires_at === null || row.retires_at > now;
      if (!isLive || !isSecretIntact(row, this.#keyring)) continue;
      const retires_at = row.retires_at === null ? retireAt : now;
      const { seal } = sealSecretRow({ ...row, retires_at }, this.#keyring);
      await this.#db
        .updateTable('api_key_secrets')
        .set({ retires_at, seal })
        .where('digest', '=', row.digest)
        .execute();
    }
  }
}

type KeyExpression = ExpressionBuilder<Tables, 'api_keys' | 'users'>;

function conditions(expression: KeyExpression, filter: KeyFilter, now: number): Expression<SqlBool>[] {
  const all = statusConditions(expression, filter.status, now);
  if (filter.ownerId !== undefined) all.push(expression('api_keys.user_id', '=', filter.ownerId));
  if (filter.permission !== undefined) {
    all.push(expression('api_keys.permissions', 'like', `%"${filter.permission}"%`));
  }
  if (filter.expiresBefore !== undefined)
    all.push(expression('api_keys.expires_at', '<', filter.expiresBefore));
  if (filter.unusedSince !== undefined) {
    const lastSeen = expression.fn.coalesce('api_keys.last_used_at', 'api_keys.created_at');
    all.push(expression(lastSeen, '<', filter.unusedSince));
  }
  if (filter.search !== undefined) all.push(searchCondition(expression, filter.search));
  return all;
}

function statusConditions(
  expression: KeyExpression,
  status: KeyFilter['status'],
  now: number,
): Expression<SqlBool>[] {
  if (status === 'revoked') return [expression('api_keys.revoked_at', 'is not', null)];
  const alive = expression('api_keys.revoked_at', 'is', null);
  const on = expression('api_keys.is_active', '=', 1);
  switch (status) {
    case undefined:
      return [alive];
    case 'disabled':
      return [alive, expression('api_keys.is_active', '=', 0)];
    case 'expired':
      return [alive, on, expression('api_keys.expires_at', '<=', now)];
    case 'active': {
      const endless = expression('api_keys.expires_at', 'is', null);
      return [alive, on, expression.or([endless, expression('api_keys.expires_at', '>', now)])];
    }
  }
}

function searchCondition(expression: KeyExpression, search: string): Expression<SqlBool> {
  return expression.or([
    contains('api_keys.name_folded', search.normalize('NFC')),
    expression('api_keys.id', '=', search),
  ]);
}

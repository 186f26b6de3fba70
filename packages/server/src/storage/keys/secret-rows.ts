/** The rows of the secrets of keys: their seals, and the statements over them. */
import type { Kysely } from 'kysely';
import type { Key, Secret } from '../../domain/keys/key.ts';
import type { KeySecret } from '../../domain/keys/key-store.ts';
import type { Keyring, SealedField } from '../../domain/shared/keyring.ts';
import { PreparedQuery } from '../statements/prepared-query.ts';
import type { ApiKeyRow, SecretRow, Tables } from '../tables.ts';

export const insertSecret = new PreparedQuery<SecretRow>((db, row) =>
  db.insertInto('api_key_secrets').values(row),
);

export const findSecret = new PreparedQuery<Pick<SecretRow, 'digest'>, SecretRow>((db, { digest }) =>
  db.selectFrom('api_key_secrets').selectAll().where('digest', '=', digest),
);

/** The secrets of a key, retired ones too. */
export function secretsOf(db: Kysely<Tables>, workspaceId: string, keyId: string): Promise<SecretRow[]> {
  return db
    .selectFrom('api_key_secrets')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('key_id', '=', keyId)
    .execute();
}

/** As `KeyLookup.digests`. */
export async function digestsAfter(db: Kysely<Tables>, after: string, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('api_key_secrets')
    .select('digest')
    .where('digest', '>', after)
    .orderBy('digest')
    .limit(limit)
    .execute();
  return rows.map(({ digest }) => digest);
}

/** The number of all secrets, retired ones too. */
export async function countSecrets(db: Kysely<Tables>): Promise<number> {
  const { secrets } = await db
    .selectFrom('api_key_secrets')
    .select(({ fn }) => fn.countAll<number>().as('secrets'))
    .executeTakeFirstOrThrow();
  return Number(secrets);
}

/** Writes when the secret retires. */
export async function retireAt(
  db: Kysely<Tables>,
  row: SecretRow,
  retires_at: number,
  keyring: Keyring,
): Promise<void> {
  const { seal } = sealSecretRow({ ...row, retires_at }, keyring);
  await db
    .updateTable('api_key_secrets')
    .set({ retires_at, seal })
    .where('digest', '=', row.digest)
    .execute();
}

/** Does the secret work on after `now`, if its key does? */
export function isLive({ retires_at }: Pick<SecretRow, 'retires_at'>, now: number): boolean {
  return retires_at === null || retires_at > now;
}

export function toSecretRow(
  key: Pick<Key, 'id' | 'workspaceId'>,
  secret: Secret,
  keyring: Keyring,
): SecretRow {
  return sealSecretRow(
    {
      digest: secret.digest,
      workspace_id: key.workspaceId,
      key_id: key.id,
      pepper_id: secret.pepperId,
      created_at: secret.createdAt,
      retires_at: null,
    },
    keyring,
  );
}

export function sealSecretRow(row: Omit<SecretRow, 'seal'>, keyring: Keyring): SecretRow {
  return { ...row, seal: keyring.sealRow('secret', secretBinding(row)) };
}

export function isSecretIntact(row: Omit<SecretRow, 'pepper_id' | 'created_at'>, keyring: Keyring): boolean {
  return keyring.isIntact(row.seal, 'secret', secretBinding(row));
}

export function secretBinding(
  row: Pick<SecretRow, 'digest' | 'workspace_id' | 'key_id' | 'retires_at'>,
): SealedField[] {
  return [row.digest, row.workspace_id, row.key_id, row.retires_at];
}

/**
 * The secrets that work at `now`, the present one first. A use that was recorded before the present secret was created is one
 * of the old secret, since uses are written some seconds later.
 */
export function toSecrets(key: ApiKeyRow, rows: readonly SecretRow[], now: number): KeySecret[] {
  const present = rows.find(({ retires_at }) => retires_at === null);
  const old = rows.find(({ retires_at }) => retires_at !== null && retires_at > now);
  const usedAt = key.secret_used_at;
  const isLate = usedAt !== null && present !== undefined && usedAt < present.created_at;
  const secrets: KeySecret[] = [];
  if (present) {
    const lastUsedAt = isLate ? null : usedAt;
    secrets.push({ hint: key.hint, createdAt: present.created_at, endsAt: null, lastUsedAt });
  }
  if (old) {
    const lastUsedAt = isLate ? Math.max(usedAt, key.old_secret_used_at ?? 0) : key.old_secret_used_at;
    secrets.push({ hint: key.old_hint, createdAt: old.created_at, endsAt: old.retires_at, lastUsedAt });
  }
  return secrets;
}

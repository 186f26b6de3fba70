import type { Kysely } from 'kysely';
import type { SealedField } from '../../domain/shared/keyring.ts';
import { keyAuthority } from '../keys/key-rows.ts';
import { secretBinding } from '../keys/secret-rows.ts';
import type { CopiedTable } from '../primary-keys.ts';
import { addressAuthority } from '../stores/sql-account-store.ts';
import { identityAuthority } from '../stores/sql-identity-store.ts';
import { invitationAuthority } from '../stores/sql-invitation-store.ts';
import { CLAIM, claimAuthority } from '../stores/sql-member-store.ts';
import { sessionAuthority } from '../stores/sql-session-store.ts';
import { linkAuthority, mailedLinkAuthority } from '../stores/sql-sign-in-link-store.ts';
import type { Tables } from '../tables.ts';

/** The stored rows of a table, as the seals of all tables need them. */
// biome-ignore lint/suspicious/noExplicitAny: each table has a function that reads its own columns
export type SealedRow = any;

/** A table whose rows are sealed. */
export interface SealedTable {
  readonly name: CopiedTable;
  readonly sealColumn: 'seal' | 'claim_seal';
  /** The kind of row, which the seal covers. */
  readonly kind: string;
  readonly fieldsOf: (row: SealedRow) => SealedField[];
}

/** Every table with seals. */
export const SEALED_TABLES: readonly SealedTable[] = [
  table('api_keys', 'api_key', (row) => keyAuthority(row, row.permissions)),
  table('api_key_secrets', 'secret', secretBinding),
  table('sessions', 'session', sessionAuthority),
  table('sign_in_links', 'sign-in-link', linkAuthority),
  table('mailed_links', 'mailed-link', mailedLinkAuthority),
  table('invitations', 'invitation', invitationAuthority),
  table('identity_links', 'identity-link', identityAuthority),
  table('account_addresses', 'account-address', addressAuthority),
  {
    ...table('users', CLAIM, ({ workspace_id, id, account_id }) =>
      claimAuthority({ workspaceId: workspace_id, userId: id, accountId: account_id }),
    ),
    sealColumn: 'claim_seal',
  },
];

function table(name: CopiedTable, kind: string, fieldsOf: SealedTable['fieldsOf']): SealedTable {
  return { name, sealColumn: 'seal', kind, fieldsOf };
}

/** Statements over a table whose name is a variable. */
export type AnyTables = Kysely<Record<string, SealedRow>>;

/** The rows of a table that have a seal; keys with their permissions as stored. */
export function sealedRows(db: Kysely<Tables>, { name, sealColumn }: SealedTable) {
  const rows = (db as unknown as AnyTables).selectFrom(name).where(`${name}.${sealColumn}`, 'is not', null);
  if (name !== 'api_keys') return rows;
  return rows.innerJoin('permission_sets', 'permission_sets.id', 'api_keys.permission_set_id');
}

import type { MemberStatus } from '@latchkey/contract';
import type { Kysely } from 'kysely';
import type { NoteInvalidation } from '../../domain/shared/change-feed.ts';
import type { Keyring } from '../../domain/shared/keyring.ts';
import type { Page, PageRequest } from '../../domain/shared/page.ts';
import type { Member, MemberStore, Membership, Person } from '../../domain/tenancy/member.ts';
import type { PermissionSets } from '../permission-sets/permission-sets.ts';
import { pageOf, rowsAfter } from '../statements/keyset.ts';
import { PreparedQuery } from '../statements/prepared-query.ts';
import { foldText } from '../statements/text-search.ts';
import type { Tables, UserTable } from '../tables.ts';

export class SqlMemberStore implements MemberStore {
  readonly #db: Kysely<Tables>;
  readonly #keyring: Keyring;
  readonly #sets: PermissionSets;
  readonly #note: NoteInvalidation;

  constructor(db: Kysely<Tables>, keyring: Keyring, sets: PermissionSets, note: NoteInvalidation) {
    this.#db = db;
    this.#keyring = keyring;
    this.#sets = sets;
    this.#note = note;
  }

  async findPerson(workspaceId: string, email: string): Promise<Person | null> {
    const row = await this.#db
      .selectFrom('users')
      .select(['id', 'email', 'display_name as displayName'])
      .where('workspace_id', '=', workspaceId)
      .where('email_folded', '=', foldText(email))
      .executeTakeFirst();
    return row ?? null;
  }

  async insertPerson(
    workspaceId: string,
    { id, email, displayName }: Person,
    createdAt: number,
  ): Promise<void> {
    await this.#db
      .insertInto('users')
      .values({
        id,
        workspace_id: workspaceId,
        email,
        email_folded: foldText(email),
        display_name: displayName,
        created_at: createdAt,
        account_id: null,
        claimed_at: null,
        claim_seal: null,
      })
      .execute();
  }

  async renamePerson(
    workspaceId: string,
    { id, displayName }: Pick<Person, 'id' | 'displayName'>,
  ): Promise<void> {
    await this.#db
      .updateTable('users')
      .set({ display_name: displayName })
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', id)
      .execute();
    this.#noteMember(workspaceId, id);
  }

  async claim(workspaceId: string, userId: string, accountId: string, claimedAt: number): Promise<void> {
    const seal = this.#keyring.sealRow(CLAIM, claimAuthority({ workspaceId, userId, accountId }));
    const claim = { account_id: accountId, claimed_at: claimedAt, claim_seal: seal };
    await this.#setClaim(workspaceId, userId, claim);
  }

  async release(workspaceId: string, userId: string): Promise<void> {
    const none = { account_id: null, claimed_at: null, claim_seal: null };
    await this.#setClaim(workspaceId, userId, none);
  }

  async #setClaim(
    workspaceId: string,
    userId: string,
    claim: Pick<UserTable, 'account_id' | 'claimed_at' | 'claim_seal'>,
  ): Promise<void> {
    await this.#db
      .updateTable('users')
      .set(claim)
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', userId)
      .execute();
    this.#noteMember(workspaceId, userId);
  }

  async hasKnown(workspaceId: string, accountId: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('users')
      .select('id')
      .where('workspace_id', '=', workspaceId)
      .where('account_id', '=', accountId)
      .limit(1)
      .executeTakeFirst();
    return row !== undefined;
  }

  async insert(membership: Membership): Promise<void> {
    await this.#db
      .insertInto('members')
      .values({
        workspace_id: membership.workspaceId,
        user_id: membership.userId,
        role_id: membership.roleId,
        status: membership.status,
        created_at: membership.createdAt,
        updated_at: membership.updatedAt,
      })
      .execute();
    this.#noteMember(membership.workspaceId, membership.userId);
  }

  async find(workspaceId: string, userId: string): Promise<Member | null> {
    const row = await findMember.first(this.#db, { workspaceId, userId });
    return row ? this.#fromRow(row) : null;
  }

  async list(workspaceId: string, page: PageRequest): Promise<Page<Member>> {
    const order = { column: 'members.created_at', id: 'members.user_id', sortOrder: 'asc' } as const;
    const rows = await members(this.#db)
      .where('members.workspace_id', '=', workspaceId)
      .where(rowsAfter(order, page.after))
      .orderBy('members.created_at')
      .orderBy('members.user_id')
      .limit(page.limit + 1)
      .execute();
    const { items, next } = pageOf(rows, page, (row) => ({ value: row.created_at, id: row.user_id }));
    return { items: items.map((row) => this.#fromRow(row)), next };
  }

  async listOwners(workspaceId: string): Promise<Member[]> {
    const rows = await members(this.#db)
      .where('members.workspace_id', '=', workspaceId)
      .where('roles.system_name', '=', 'Owner')
      .orderBy('members.created_at')
      .orderBy('members.user_id')
      .execute();
    const owners = rows.map((row) => this.#fromRow(row));
    return owners.toSorted(
      (one, other) => Number(other.status === 'active') - Number(one.status === 'active'),
    );
  }

  async listClaimed(workspaceId: string): Promise<Member[]> {
    const rows = await members(this.#db)
      .where('members.workspace_id', '=', workspaceId)
      .where('members.status', '=', 'active')
      .where('users.account_id', 'is not', null)
      .orderBy('members.created_at')
      .orderBy('members.user_id')
      .execute();
    // `fromRow` drops a claim that was edited outside the service.
    return rows.map((row) => this.#fromRow(row)).filter(({ accountId }) => accountId !== null);
  }

  async listOf(accountId: string): Promise<Member[]> {
    const rows = await this.#everywhere()
      .where('users.account_id', '=', accountId)
      .orderBy('users.claimed_at')
      .orderBy('members.workspace_id')
      .execute();
    return rows.map((row) => this.#fromRow(row)).filter((member) => member.accountId === accountId);
  }

  async listByAddress(emails: readonly string[]): Promise<Member[]> {
    if (emails.length === 0) return [];
    const rows = await this.#everywhere()
      .where('users.email_folded', 'in', emails.map(foldText))
      .orderBy('members.created_at')
      .orderBy('members.workspace_id')
      .execute();
    return rows.map((row) => this.#fromRow(row));
  }

  async update({ workspaceId, userId, roleId, status, updatedAt }: Membership): Promise<void> {
    await this.#db
      .updateTable('members')
      .set({ role_id: roleId, status, updated_at: updatedAt })
      .where('workspace_id', '=', workspaceId)
      .where('user_id', '=', userId)
      .execute();
    this.#noteMember(workspaceId, userId);
  }

  async remove(workspaceId: string, userId: string): Promise<void> {
    await this.#db
      .deleteFrom('members')
      .where('workspace_id', '=', workspaceId)
      .where('user_id', '=', userId)
      .execute();
    this.#noteMember(workspaceId, userId);
  }

  async countActiveOwners(workspaceId: string): Promise<number> {
    const { owners } = await this.#db
      .selectFrom('members')
      .innerJoin('roles', 'roles.id', 'members.role_id')
      .select(({ fn }) => fn.countAll<number>().as('owners'))
      .where('members.workspace_id', '=', workspaceId)
      .where('members.status', '=', 'active')
      .where('roles.system_name', '=', 'Owner')
      .executeTakeFirstOrThrow();
    return Number(owners);
  }

  /** Members of all workspaces that are not deleted. */
  #everywhere() {
    return members(this.#db)
      .innerJoin('workspaces', 'workspaces.id', 'members.workspace_id')
      .where('workspaces.deleted_at', 'is', null);
  }

  #fromRow(row: MemberRow): Member {
    return fromMemberRow(row, this.#sets, this.#claimOf(row));
  }

  #claimOf(row: MemberRow): string | null {
    const { workspace_id: workspaceId, user_id: userId, account_id: accountId, claim_seal: seal } = row;
    if (accountId === null || seal === null) return null;
    const claim = claimAuthority({ workspaceId, userId, accountId });
    return this.#keyring.isIntact(seal, CLAIM, claim) ? accountId : null;
  }

  #noteMember(workspaceId: string, userId: string): void {
    this.#note({ kind: 'member', workspaceId, userId });
  }
}

/** The kind of row in the seal of a claim. */
export const CLAIM = 'claim';

export function claimAuthority(claim: { workspaceId: string; userId: string; accountId: string }): string[] {
  return [claim.workspaceId, claim.userId, claim.accountId];
}

function members(db: Kysely<Tables>) {
  return db
    .selectFrom('members')
    .innerJoin('users', 'users.id', 'members.user_id')
    .innerJoin('roles', 'roles.id', 'members.role_id')
    .innerJoin('permission_sets', 'permission_sets.id', 'roles.permission_set_id')
    .selectAll('members')
    .select(['users.email', 'users.display_name', 'users.account_id', 'users.claim_seal'])
    .select(['roles.name as role_name', 'roles.system_name'])
    .select('permission_sets.permissions');
}

const findMember = new PreparedQuery<{ workspaceId: string; userId: string }, MemberRow>(
  (db, { workspaceId, userId }) =>
    members(db).where('members.workspace_id', '=', workspaceId).where('members.user_id', '=', userId),
);

interface MemberRow {
  workspace_id: string;
  user_id: string;
  email: string;
  display_name: string;
  account_id: string | null;
  claim_seal: string | null;
  role_id: string;
  role_name: string;
  system_name: string | null;
  permissions: string;
  status: string;
  created_at: number;
  updated_at: number;
}

function fromMemberRow(row: MemberRow, sets: PermissionSets, accountId: string | null): Member {
  return {
    id: row.user_id,
    email: row.email,
    displayName: row.display_name,
    workspaceId: row.workspace_id,
    accountId,
    roleId: row.role_id,
    roleName: row.role_name,
    isOwner: row.system_name === 'Owner',
    permissions: new Set(sets.parse(row.permissions)),
    status: row.status as MemberStatus,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

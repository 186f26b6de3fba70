import { PERMISSIONS, type Permission } from '@latchkey/contract';
import { AppError } from '../../../src/domain/shared/app-error.ts';
import { type Caller, NO_ORIGIN, UNBOUNDED } from '../../../src/domain/shared/caller.ts';
import { acceptInvitation } from '../../../src/domain/workspaces/accept-invitation.ts';
import { createInvitation } from '../../../src/domain/workspaces/create-invitation.ts';
import { createRole } from '../../../src/domain/workspaces/create-role.ts';
import { updateMember } from '../../../src/domain/workspaces/update-member.ts';
import { updateRole } from '../../../src/domain/workspaces/update-role.ts';
import type { Random } from '../../harness/random.ts';
import type { TestService } from '../../harness/test-service.ts';
import {
  type Giver,
  mayAssign,
  mayCreateRole,
  mayEditRole,
  mayInvite,
  mayStillInvite,
  type OracleRole,
} from './people-oracle.ts';

const ROLES_MAX = 12;
const PEOPLE_MAX = 10;

/** What it takes to act on people; given often, so that more is tried than refused for its absence. */
const ACTS: readonly Permission[] = ['roles:write', 'members:role-change', 'members:invite'];

export type PeopleCase = 'role' | 'edit' | 'assign' | 'invite' | 'accept';

/** How a call ended that product and oracle have both judged. */
type Judge = (kind: PeopleCase, situation: unknown, expected: boolean, actual: boolean) => void;

/** Roles and members of the workspace as the run knows them from its own calls, and random changes of them. */
export class People {
  readonly #service: TestService;
  readonly #random: Random;
  readonly #judge: Judge;
  readonly #roles: OracleRole[] = [];
  /** Who has which role. */
  readonly #members = new Map<string, string>();
  #made = 0;

  constructor(service: TestService, random: Random, judge: Judge) {
    this.#service = service;
    this.#random = random;
    this.#judge = judge;
  }

  /** Takes in the system roles and the owner, and makes a few roles and members. */
  async populate(): Promise<void> {
    const { storage, owner } = this.#service;
    for (const role of await storage.roles.list(owner.workspaceId)) {
      const { id, permissions: holds, systemName } = role;
      this.#roles.push({ id, holds, isBuiltIn: true, isOwner: systemName === 'Owner' });
      if (systemName === 'Owner') this.#members.set(owner.userId, id);
    }
    for (let index = 0; index < PEOPLE_MAX / 2; index++) {
      const { id, name } = await createRole(this.#needs, this.session(owner.userId), this.#newRole());
      const role = await storage.roles.find(owner.workspaceId, id);
      this.#roles.push({ id, holds: role?.permissions ?? [], isBuiltIn: false, isOwner: false });
      this.#members.set(await this.#service.addMember(name), id);
    }
  }

  anybody(): string {
    return this.#random.pick([...this.#members.keys()]);
  }

  holds(userId: string): readonly string[] {
    return this.#roleOf(userId).holds;
  }

  /** Somebody in person, with what their role gives now. */
  session(userId: string): Caller {
    const { workspaceId } = this.#service.owner;
    const permissions = new Set(this.holds(userId) as Permission[]);
    return {
      kind: 'session',
      workspaceId,
      userId,
      keyId: null,
      permissions,
      bounds: UNBOUNDED,
      origin: NO_ORIGIN,
    };
  }

  /** One random change, by this caller. */
  async change(by: Caller): Promise<void> {
    const kinds = ['role', 'edit', 'edit', 'assign', 'assign', 'invite', 'invite'] as const;
    const kind = this.#random.pick(kinds);
    if (kind === 'role') await this.#create(by);
    else if (kind === 'edit') await this.#edit(by);
    else if (kind === 'assign') await this.#assign(by);
    else await this.#invite(by);
  }

  async #create(by: Caller): Promise<void> {
    const wish = this.#newRole(this.#setAround([...by.permissions]));
    const expected = mayCreateRole(this.#giver(by), wish.permissions);
    const role = await outcome(() => createRole(this.#needs, by, wish));
    this.#judge('role', { by, wish }, expected, role !== null);
    if (role && this.#roles.length < ROLES_MAX)
      this.#roles.push({ id: role.id, holds: role.permissions, isBuiltIn: false, isOwner: false });
  }

  async #edit(by: Caller, role = this.#random.pick(this.#roles)): Promise<void> {
    const permissions = this.#setAround(this.#random.pick([role.holds, [...by.permissions]]));
    const expected = mayEditRole(this.#giver(by), role, permissions);
    const edited = await outcome(() => updateRole(this.#needs, by, role.id, { permissions }));
    this.#judge('edit', { by, role, permissions }, expected, edited !== null);
    if (edited) this.#roles[this.#roles.indexOf(role)] = { ...role, holds: edited.role.permissions };
  }

  async #assign(by: Caller, userId = this.anybody()): Promise<void> {
    const [before, after] = [this.#roleOf(userId), this.#random.pick(this.#roles)];
    const owners = [...this.#members.keys()].filter((id) => this.#roleOf(id).isOwner).length;
    const expected = mayAssign(this.#giver(by), before, after, owners);
    const changed = await outcome(() => updateMember(this.#needs, by, userId, { roleId: after.id }));
    this.#judge('assign', { by, before, after, owners }, expected, changed !== null);
    if (changed) this.#members.set(userId, after.id);
  }

  /** Invites, and accepts; meanwhile an owner may have changed the role, or who invited. */
  async #invite(by: Caller): Promise<void> {
    const role = this.#random.pick(this.#roles);
    const input = { email: `invited-${this.#made++}@example.com`, roleId: role.id };
    const expected = mayInvite(this.#giver(by), role);
    const created = await outcome(() => createInvitation(this.#needs, by, input));
    this.#judge('invite', { by, role }, expected, created !== null);
    if (!created) return;
    const owner = [...this.#members.keys()].find((id) => this.#roleOf(id).isOwner) ?? '';
    if (this.#random.chance(0.4)) await this.#edit(this.session(owner), role);
    else if (this.#random.chance(0.6)) await this.#assign(this.session(owner), by.userId);
    await this.#accept(by, role.id, created.token);
  }

  async #accept(by: Caller, roleId: string, token: string): Promise<void> {
    const role = this.#role(roleId);
    const person = { holds: this.holds(by.userId), isOwner: this.#roleOf(by.userId).isOwner };
    const key = by.kind === 'key' ? [...by.permissions] : null;
    const expected = mayStillInvite(person, key, role);
    const member = await outcome(() => acceptInvitation(this.#needs, { token }, NO_ORIGIN));
    this.#judge('accept', { by, person, role }, expected, member !== null);
    if (!member) return;
    const hasItAll = member.roleId === roleId && [...member.permissions].join() === role.holds.join();
    if (!hasItAll) this.#judge('accept', { member, role }, true, false);
    if (this.#members.size < PEOPLE_MAX || role.isOwner) this.#members.set(member.id, roleId);
  }

  #giver(by: Caller): Giver {
    return { holds: [...by.permissions], isOwner: this.#roleOf(by.userId).isOwner };
  }

  #roleOf(userId: string): OracleRole {
    return this.#role(this.#members.get(userId) ?? '');
  }

  #role(roleId: string): OracleRole {
    const role = this.#roles.find(({ id }) => id === roleId);
    if (!role) throw new Error(`The run does not know the role ${roleId}`);
    return role;
  }

  #newRole(permissions = this.#setAround(PERMISSIONS)): { name: string; permissions: Permission[] } {
    return { name: `Role ${this.#made++}`, permissions };
  }

  /** A part of the set, often with what it takes to act, at times with something that is not in it. */
  #setAround(set: readonly string[]): Permission[] {
    const part = this.#random.subset(set, this.#random.pick([0.1, 0.5, 0.9, 1])) as Permission[];
    const acts = this.#random.chance(0.6) ? [...ACTS, 'api-keys:write' as const] : [];
    const others = this.#random.chance(0.5) ? (['api-keys:manage-others'] as const) : [];
    const stray = this.#random.chance(0.2) ? [this.#random.pick(PERMISSIONS)] : [];
    return [...new Set([...part, ...acts, ...others, ...stray])];
  }

  get #needs() {
    const { storage, keyring, clock } = this.#service;
    return { unitOfWork: storage, keyring, clock, catalogue: storage.catalogue };
  }
}

/** What a call answered; null where it was refused. */
async function outcome<T>(verb: () => Promise<T>): Promise<T | null> {
  try {
    return await verb();
  } catch (error) {
    if (error instanceof AppError && error.code !== 'INTERNAL') return null;
    throw error;
  }
}

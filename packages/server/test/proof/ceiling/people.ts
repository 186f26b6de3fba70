import { PERMISSIONS, type Permission } from '@latchkey/contract';
import type { Random } from '../../harness/random.ts';
import type { TestService } from '../../harness/test-service.ts';
import type { Actions, Actor } from './actions.ts';
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

/** The permissions to manage people. They are given often, so that not too many calls are denied for lack of them. */
const ACTS: readonly Permission[] = ['roles:write', 'members:role-change', 'members:invite'];

export type PeopleCase = 'role' | 'edit' | 'assign' | 'invite' | 'accept';

/** How a call ended that product and oracle have both judged. */
type Judge = (kind: PeopleCase, situation: unknown, expected: boolean, actual: boolean) => void;

/** Roles and members of the workspace as the run knows them from its own calls, and random changes of them. */
export class People {
  readonly #service: TestService;
  readonly #actions: Actions;
  readonly #random: Random;
  readonly #judge: Judge;
  readonly #roles: OracleRole[] = [];
  /** Who has which role. */
  readonly #members = new Map<string, string>();
  #made = 0;

  constructor(service: TestService, actions: Actions, random: Random, judge: Judge) {
    this.#service = service;
    this.#actions = actions;
    this.#random = random;
    this.#judge = judge;
  }

  /** Reads the system roles and the owner, and creates a few roles and members. */
  async populate(): Promise<void> {
    const { storage, owner } = this.#service;
    for (const role of await storage.roles.list(owner.workspaceId)) {
      const { id, permissions: holds, systemName } = role;
      this.#roles.push({ id, holds, isBuiltIn: true, isOwner: systemName === 'Owner' });
      if (systemName === 'Owner') this.#members.set(owner.userId, id);
    }
    for (let index = 0; index < PEOPLE_MAX / 2; index++) {
      const { name, permissions } = this.#newRole();
      const role = await this.#actions.createRole(this.person(owner.userId), name, permissions);
      if (!role) throw new Error('An owner could not make a role');
      this.#roles.push({ ...role, isBuiltIn: false, isOwner: false });
      this.#members.set(await this.#service.addMember(name), role.id);
    }
  }

  anybody(): string {
    return this.#random.pick([...this.#members.keys()]);
  }

  holds(userId: string): readonly string[] {
    return this.#roleOf(userId).holds;
  }

  /** A member as caller, with the current permissions of their role. */
  person(userId: string): Actor {
    const unbounded = { end: null, perMinute: null, perDay: null };
    return { isOn: true, userId, keyId: null, secret: null, holds: this.holds(userId), ...unbounded };
  }

  /** One random change, by this actor. */
  async change(by: Actor): Promise<void> {
    const kinds = ['role', 'edit', 'edit', 'assign', 'assign', 'invite', 'invite'] as const;
    const kind = this.#random.pick(kinds);
    if (kind === 'role') await this.#create(by);
    else if (kind === 'edit') await this.#edit(by);
    else if (kind === 'assign') await this.#assign(by);
    else await this.#invite(by);
  }

  async #create(by: Actor): Promise<void> {
    const { name, permissions } = this.#newRole(this.#setAround(by.holds));
    const expected = mayCreateRole(this.#giver(by), permissions);
    const role = await this.#actions.createRole(by, name, permissions);
    this.#judge('role', { by, permissions }, expected, role !== null);
    if (role && this.#roles.length < ROLES_MAX)
      this.#roles.push({ ...role, isBuiltIn: false, isOwner: false });
  }

  async #edit(by: Actor, role = this.#random.pick(this.#roles)): Promise<void> {
    const permissions = this.#setAround(this.#random.pick([role.holds, by.holds]));
    const expected = mayEditRole(this.#giver(by), role, permissions);
    const edited = await this.#actions.editRole(by, role.id, permissions);
    this.#judge('edit', { by, role, permissions }, expected, edited !== null);
    if (edited) this.#roles[this.#roles.indexOf(role)] = { ...role, ...edited };
  }

  async #assign(by: Actor, userId = this.anybody()): Promise<void> {
    const [before, after] = [this.#roleOf(userId), this.#random.pick(this.#roles)];
    const owners = [...this.#members.keys()].filter((id) => this.#roleOf(id).isOwner).length;
    const expected = mayAssign(this.#giver(by), before, after, owners);
    const roleId = await this.#actions.assignRole(by, userId, after.id);
    this.#judge('assign', { by, before, after, owners }, expected, roleId === after.id);
    if (roleId) this.#members.set(userId, roleId);
  }

  /** Invites and accepts. In between, an owner may change the role or the inviter. */
  async #invite(by: Actor): Promise<void> {
    const role = this.#random.pick(this.#roles);
    const expected = mayInvite(this.#giver(by), role);
    const token = await this.#actions.invite(by, `invited-${this.#made++}@example.com`, role.id);
    this.#judge('invite', { by, role }, expected, token !== null);
    if (token === null) return;
    const owner = [...this.#members.keys()].find((id) => this.#roleOf(id).isOwner) ?? '';
    if (this.#random.chance(0.4)) await this.#edit(this.person(owner), role);
    else if (this.#random.chance(0.6)) await this.#assign(this.person(owner), by.userId);
    await this.#accept(by, role.id, token);
  }

  async #accept(by: Actor, roleId: string, token: string): Promise<void> {
    const role = this.#role(roleId);
    const person = this.#giver(this.person(by.userId));
    const key = by.keyId === null ? null : by.holds;
    const expected = mayStillInvite(person, key, role);
    const userId = await this.#actions.accept(token);
    this.#judge('accept', { by, person, role }, expected, userId !== null);
    if (userId === null) return;
    const { storage, owner } = this.#service;
    const member = await storage.members.find(owner.workspaceId, userId);
    const hasItAll = member?.roleId === roleId && [...member.permissions].join() === role.holds.join();
    if (!hasItAll) this.#judge('accept', { member, role }, true, false);
    if (this.#members.size < PEOPLE_MAX || role.isOwner) this.#members.set(userId, roleId);
  }

  #giver({ isOn, holds, userId }: Actor): Giver {
    return { isOn, holds, isOwner: this.#roleOf(userId).isOwner };
  }

  #roleOf(userId: string): OracleRole {
    return this.#role(this.#members.get(userId) ?? '');
  }

  #role(roleId: string): OracleRole {
    const role = this.#roles.find(({ id }) => id === roleId);
    if (!role) throw new Error(`The run does not know the role ${roleId}`);
    return role;
  }

  #newRole(permissions = this.#setAround(PERMISSIONS)): { name: string; permissions: string[] } {
    return { name: `Role ${this.#made++}`, permissions };
  }

  /** A random subset, often with the permissions to manage people, sometimes with a permission that is not in the set. */
  #setAround(set: readonly string[]): string[] {
    const part = this.#random.subset(set, this.#random.pick([0.1, 0.5, 0.9, 1]));
    const acts = this.#random.chance(0.6) ? [...ACTS, 'api-keys:write'] : [];
    const others = this.#random.chance(0.5) ? ['api-keys:manage-others'] : [];
    const stray = this.#random.chance(0.2) ? [this.#random.pick(PERMISSIONS)] : [];
    return [...new Set([...part, ...acts, ...others, ...stray])];
  }
}

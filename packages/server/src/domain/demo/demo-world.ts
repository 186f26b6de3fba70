import type { Catalogue, Permission } from '@latchkey/contract';
import type { Bootstrapped } from '../bootstrap/bootstrap-service.ts';
import type { KeyStores } from '../keys/key-store.ts';
import type { SessionStores } from '../sessions/stores.ts';
import type { Caller, ClientInfo } from '../shared/caller.ts';
import type { Caps } from '../shared/caps.ts';
import type { Clock } from '../shared/clock.ts';
import type { Keyring } from '../shared/keyring.ts';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import { callerOfMember, type Member, type MemberStore } from '../tenancy/member.ts';
import type { RoleStore } from '../tenancy/role.ts';
import type { WorkspaceStores } from '../tenancy/stores.ts';
import type { UsageStores } from '../usage/usage-store.ts';

/** A clock that is set to the instant of each change of the history. */
export class PastClock implements Clock {
  #now: number;

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  /** Never goes back. */
  moveTo(at: number): void {
    this.#now = Math.max(this.#now, Math.floor(at));
  }
}

export interface DemoNeeds {
  readonly unitOfWork: UnitOfWork<KeyStores & WorkspaceStores & SessionStores & UsageStores>;
  /** For reading outside a transaction. */
  readonly members: MemberStore;
  readonly roles: RoleStore;
  readonly keyring: Keyring;
  readonly catalogue: Catalogue;
  readonly caps: Caps;
  /** Mail is not sent. */
  readonly mailer: null;
  readonly signInWays: { readonly hasProvider: boolean; readonly hasMail: boolean };
  readonly clock: PastClock;
}

/** The people of the history by name, and the callers that they are. */
export class DemoWorld {
  readonly #needs: DemoNeeds;
  readonly #workspaceId: string;
  readonly #userIds = new Map<string, string>();

  constructor(needs: DemoNeeds, founder: string, { workspaceId, userId }: Bootstrapped) {
    this.#needs = needs;
    this.#workspaceId = workspaceId;
    this.#userIds.set(founder, userId);
  }

  add(name: string, { id }: Member): void {
    this.#userIds.set(name, id);
  }

  userId(name: string): string {
    const id = this.#userIds.get(name);
    if (id === undefined) throw new Error(`${name} has not joined yet`);
    return id;
  }

  async member(name: string): Promise<Member> {
    const userId = this.userId(name);
    const member = await this.#needs.members.find(this.#workspaceId, userId);
    if (!member) throw new Error(`${name} is not a member`);
    return member;
  }

  async caller(name: string): Promise<Caller> {
    return callerOfMember(await this.member(name), this.client(name));
  }

  async roleId(name: string): Promise<string> {
    const role = await this.#needs.roles.findByName(this.#workspaceId, name);
    if (!role) throw new Error(`there is no role ${name}`);
    return role.id;
  }

  /** An address of a block for documentation (RFC 5737), the same for each name. */
  client(name: string): ClientInfo {
    const last = [...name].reduce((sum, character) => (sum + character.charCodeAt(0)) % 250, 3);
    return {
      address: `203.0.113.${last}`,
      agent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/146.0',
      requestId: null,
    };
  }

  /** The permissions of the catalogue that the test accepts and both people hold. */
  async shared(
    one: string,
    other: string,
    accepts: (permission: Permission) => boolean,
  ): Promise<Permission[]> {
    const [first, second] = [await this.member(one), await this.member(other)];
    return this.#needs.catalogue.permissions.filter(
      (each) => accepts(each) && first.permissions.has(each) && second.permissions.has(each),
    );
  }
}

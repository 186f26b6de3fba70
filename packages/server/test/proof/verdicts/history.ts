import { PERMISSIONS, type Permission } from '@latchkey/contract';
import type { Key } from '../../../src/domain/keys/key.ts';
import { newId } from '../../../src/domain/shared/id.ts';
import { generateKeyText } from '../../../src/domain/shared/tokens.ts';
import type { Member, Membership, Person } from '../../../src/domain/tenancy/member.ts';
import type { Role } from '../../../src/domain/tenancy/role.ts';
import type { VerifyInput } from '../../../src/domain/verification/verifier.ts';
import { openWorkspace } from '../../../src/domain/workspaces/open-workspace.ts';
import type { Random } from '../../harness/random.ts';
import { addMember, type Verification } from '../../harness/verification.ts';

const WORKSPACES = 2;
const PEOPLE = 4;
const KEYS = 12;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The permissions of the keys and of the checks: few, so that verdicts differ. */
const ASKED = PERMISSIONS.slice(0, 6);

interface Issue {
  readonly keyId: string;
  readonly workspaceId: string;
  /** The present secret and those before it. */
  readonly texts: string[];
}

interface Place {
  readonly workspaceId: string;
  readonly roles: Role[];
  readonly people: { readonly person: Person; readonly membership: Membership }[];
}

/** Workspaces, people and keys with random changes in any order. */
export class History {
  readonly happened: Record<string, number> = {};
  readonly #world: Verification;
  readonly #random: Random;
  readonly #places: Place[] = [];
  readonly #issues: Issue[] = [];
  readonly #changes: Record<string, () => Promise<unknown>> = {
    replaced: () => this.#replaceKey(),
    switched: () => this.#updateKey(() => ({ isActive: this.#random.chance(0.8) })),
    limited: () => this.#updateKey(() => ({ rateLimit: this.#anyLimits() })),
    dated: () => this.#updateKey(() => ({ expiresAt: this.#anyExpiry() })),
    revoked: () =>
      this.#updateKey(() => (this.#random.chance(0.3) ? { revokedAt: this.#world.clock.now() } : {})),
    rotated: () => this.#rotateKey(),
    'role edited': () => this.#editRole(),
    'member changed': () => this.#changeMember(),
    'member gone or back': () => this.#removeOrReturnMember(),
    'workspace changed': () => this.#changeWorkspace(),
  };

  constructor(world: Verification, random: Random) {
    this.#world = world;
    this.#random = random;
  }

  async begin(): Promise<void> {
    for (let place = 0; place < WORKSPACES; place++) this.#places.push(await this.#openPlace());
    for (let key = 0; key < KEYS; key++) await this.#issueKey();
  }

  /** Advances the clock: mostly by little, sometimes into the first or last milliseconds of a day. */
  passTime(): void {
    const { clock } = this.#world;
    const toMidnight = DAY - (clock.now() % DAY);
    const below = (bound: number) => this.#random.below(bound);
    const ways = [0, 0, below(5), below(5), below(200), below(200), below(2 * SECOND), below(2 * SECOND)];
    const leaps = [below(70 * SECOND), MINUTE, MINUTE - 1, below(HOUR), Math.max(0, toMidnight - below(20))];
    clock.advance(this.#random.chance(0.01) ? this.#random.pick(leaps) : this.#random.pick(ways));
  }

  async change(): Promise<void> {
    // Keys often end because their workspace or owner ends: without new keys, few valid ones would remain.
    const kind = this.#random.pick([...Object.keys(this.#changes), 'replaced', 'replaced']);
    this.happened[kind] = (this.happened[kind] ?? 0) + 1;
    await this.#changes[kind]?.();
  }

  question(): VerifyInput {
    const random = this.#random;
    const { texts, workspaceId } = random.pick(this.#issues);
    const isOfKey = random.chance(0.9);
    const other = random.chance(0.5) ? generateKeyText('lk', 'live') : `lk_live_${random.below(1_000)}`;
    const elsewhere = random.pick(this.#places).workspaceId;
    return {
      keyText: isOfKey ? random.pick(random.chance(0.2) ? texts : texts.slice(-1)) : other,
      workspaceId: random.pick([workspaceId, workspaceId, workspaceId, null, null, elsewhere]),
      permissions: random.chance(0.7) ? [] : random.subset(ASKED, 0.2),
      cost: random.pick([0, 1, 1, 1, 1, 2, 7]),
    };
  }

  async #openPlace(): Promise<Place> {
    const { storage, owner, clock } = this.#world;
    const opening = { name: 'W', owner: { ...owner, id: newId('usr') } };
    const { id: workspaceId } = await storage.transact((stores) =>
      openWorkspace({ ...stores, catalogue: storage.catalogue }, opening, clock.now()),
    );
    const roles: Role[] = [];
    for (const name of ['One', 'Two']) {
      const times = { createdAt: clock.now(), updatedAt: clock.now() };
      const named = { id: newId('role'), workspaceId, name, description: null, systemName: null };
      const role = { ...named, permissions: this.#anyPermissions(), ...times };
      await storage.roles.insert(role);
      roles.push(role);
    }
    const people = [];
    for (let person = 0; person < PEOPLE; person++) {
      people.push(await addMember(this.#world, workspaceId, this.#random.pick(roles).id));
    }
    return { workspaceId, roles, people };
  }

  async #issueKey(): Promise<void> {
    const { workspaceId, people } = this.#random.pick(this.#places);
    const { key, text } = await this.#world.issue({
      workspaceId,
      owner: this.#random.pick(people).person,
      permissions: this.#anyPermissions(),
      rateLimit: this.#anyLimits(),
      expiresAt: this.#anyExpiry(),
    });
    this.#issues.push({ keyId: key.id, workspaceId, texts: [text] });
  }

  async #replaceKey(): Promise<void> {
    this.#issues.splice(this.#random.below(this.#issues.length), 1);
    await this.#issueKey();
  }

  async #updateKey(changes: () => Partial<Key>): Promise<void> {
    const { keyId, workspaceId } = this.#random.pick(this.#issues);
    await this.#world.storage.transact(async ({ keys }) => {
      const key = await keys.find(workspaceId, keyId);
      if (key?.revokedAt === null) await keys.update({ ...key, ...changes() });
    });
  }

  async #rotateKey(): Promise<void> {
    const { keyId: id, workspaceId, texts } = this.#random.pick(this.#issues);
    const overlap = this.#random.pick([0, 1, SECOND, HOUR]);
    texts.push(await this.#world.rotate({ id, workspaceId }, this.#world.clock.now() + overlap));
  }

  async #editRole(): Promise<void> {
    const role = this.#random.pick(this.#random.pick(this.#places).roles);
    await this.#world.storage.roles.update({ ...role, permissions: this.#anyPermissions() });
  }

  async #changeMember(): Promise<void> {
    const { roles, people } = this.#random.pick(this.#places);
    const { membership } = this.#random.pick(people);
    const status = this.#random.pick(['active', 'active', 'active', 'suspended'] as const);
    const roleId = this.#random.pick(roles).id;
    await this.#world.storage.members.update({ ...membership, status, roleId });
  }

  async #removeOrReturnMember(): Promise<void> {
    const { workspaceId, people } = this.#random.pick(this.#places);
    const { membership } = this.#random.pick(people);
    const { members } = this.#world.storage;
    const member: Member | null = await members.find(workspaceId, membership.userId);
    if (member && this.#random.chance(0.1)) await members.remove(workspaceId, membership.userId);
    if (!member) await members.insert(membership);
  }

  async #changeWorkspace(): Promise<void> {
    const { workspaceId } = this.#random.pick(this.#places);
    const { workspaces } = this.#world.storage;
    const workspace = await workspaces.find(workspaceId);
    if (!workspace) throw new Error('Workspaces are never taken away');
    const at = (probability: number) => (this.#random.chance(probability) ? this.#world.clock.now() : null);
    const permissionMode = this.#random.pick(['frozen', 'capped'] as const);
    await workspaces.update({ ...workspace, permissionMode, suspendedAt: at(0.3), deletedAt: at(0.05) });
  }

  #anyPermissions(): Permission[] {
    return this.#random.subset(ASKED, 0.7);
  }

  #anyLimits(): Key['rateLimit'] {
    const requestsPerMinute = this.#random.pick([null, null, 1, 3, 10, 60]);
    return { requestsPerMinute, requestsPerDay: this.#random.pick([null, null, 1, 5, 50, 500]) };
  }

  #anyExpiry(): number | null {
    const life = this.#random.pick([null, null, null, null, null, 0, SECOND, MINUTE, HOUR, DAY]);
    return life === null ? null : this.#world.clock.now() + life;
  }
}

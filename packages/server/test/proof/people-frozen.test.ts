import {
  catalogueOf,
  DEMANDED_PERMISSIONS,
  describePermission,
  PERMISSIONS,
  type PermissionMode,
} from '@latchkey/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKey } from '../../src/domain/keys/create-key.ts';
import { Random, seedFrom } from '../harness/random.ts';
import { startTestService, type TestService } from '../harness/test-service.ts';
import { proofSize } from './sizes.ts';

const CHANGES = proofSize('FROZEN_CHANGES');
const SEED = seedFrom('FROZEN_SEED');
const ROLES = 4;
const PEOPLE = 5;
const KEYS = 12;
/** After this number of changes, the service is restarted with another catalogue. */
const CHANGES_PER_CATALOGUE = 20;

let service: TestService;

beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.close());

interface IssuedKey {
  readonly id: string;
  readonly secret: string;
  readonly userId: string;
  readonly frozen: Granted;
}

/** Permissions as they were given: each with how often the catalogue had taken it in by then. */
type Granted = ReadonlyMap<string, number>;

/** The expected people and roles of a workspace, which the test tracks itself to compare them with the service. */
class Model {
  readonly roles = new Map<string, Granted>();
  readonly people = new Map<string, string>();
  readonly keys: IssuedKey[] = [];
  mode: PermissionMode = 'frozen';
  /** The current permissions of the catalogue, in its order. */
  #names: readonly string[] = PERMISSIONS;
  readonly #timesTaken = new Map<string, number>(PERMISSIONS.map((name) => [name, 1]));
  /** Of the owner, who can give all that there is now. */
  #credential = service.owner.secret;
  readonly #random: Random;
  readonly #url = `/api/v2/workspaces/${service.owner.workspaceId}`;

  constructor(random: Random) {
    this.#random = random;
  }

  async populate(): Promise<void> {
    for (let index = 0; index < ROLES; index++) {
      const permissions = this.#anySet();
      const { role } = await this.#ok('POST', '/roles', { name: `Role ${index}`, permissions });
      this.roles.set(role.id, this.#granted(permissions));
    }
    for (let index = 0; index < PEOPLE; index++) {
      const userId = await service.addMember(`Role ${index % ROLES}`);
      this.people.set(userId, [...this.roles.keys()][index % ROLES] ?? '');
    }
    for (let index = 0; index < KEYS; index++) await this.#issue();
  }

  /** One random change of roles, people, the mode or the catalogue. */
  async change(step: number): Promise<string> {
    if (step % CHANGES_PER_CATALOGUE === CHANGES_PER_CATALOGUE - 1) return this.#changeCatalogue();
    const kind = this.#random.pick(['edit', 'edit', 'move', 'move', 'mode', 'issue']);
    const roleId = this.#random.pick([...this.roles.keys()]);
    if (kind === 'edit') {
      const permissions = this.#anySet();
      await this.#ok('PUT', `/roles/${roleId}`, { permissions });
      this.roles.set(roleId, this.#granted(permissions));
    } else if (kind === 'move') {
      const userId = this.#random.pick([...this.people.keys()]);
      await this.#ok('PUT', `/members/${userId}`, { roleId });
      this.people.set(userId, roleId);
    } else if (kind === 'mode') {
      this.mode = this.#random.pick(['frozen', 'capped']);
      const answer = await service.call('PUT', '/api/v2/workspaces', {
        as: this.#credential,
        body: { permissionMode: this.mode },
      });
      expect(answer.status).toBe(200);
    } else {
      this.keys.splice(this.#random.below(KEYS), 1);
      await this.#issue();
    }
    return kind;
  }

  /** The expected permissions of the key: those it was given, without those that ever left the catalogue. */
  held({ frozen }: IssuedKey): string[] {
    return this.#names.filter((name) => frozen.get(name) === this.#timesTaken.get(name));
  }

  /** The permissions that the key must be able to use now. */
  expected(key: IssuedKey): string[] {
    if (this.mode === 'frozen') return this.held(key);
    const now = this.roles.get(this.people.get(key.userId) ?? '');
    return this.held(key).filter((name) => now?.get(name) === this.#timesTaken.get(name));
  }

  /** Restarts the service with a catalogue that lacks some permissions, has others again, and is in another order. */
  async #changeCatalogue(): Promise<string> {
    const kept = this.#random.subset(PERMISSIONS, this.#random.pick([0.5, 0.8, 0.95]));
    const wanted = [...new Set<string>([...DEMANDED_PERMISSIONS, ...kept])];
    const turn = this.#random.below(wanted.length);
    const names = [...wanted.slice(turn), ...wanted.slice(0, turn)];
    for (const name of names)
      if (!this.#names.includes(name)) this.#timesTaken.set(name, (this.#timesTaken.get(name) ?? 0) + 1);
    this.#names = names;
    service = await service.restarted(catalogueOf(names.map(describePermission)));
    const { storage: unitOfWork, keyring, clock, owner, caps } = service;
    const input = { name: 'owner', userId: owner.userId };
    const { secret } = await createKey({ unitOfWork, keyring, clock, caps }, await service.session(), input);
    this.#credential = secret ?? '';
    return 'catalogue';
  }

  #granted(permissions: Iterable<string>): Granted {
    return new Map([...permissions].map((name) => [name, this.#timesTaken.get(name) ?? 0]));
  }

  async #issue(): Promise<void> {
    const userId = this.#random.pick([...this.people.keys()]);
    const { apiKey, key } = await service.createKey({ userId }, this.#credential);
    this.keys.push({ id: apiKey.id, secret: key, userId, frozen: this.#granted(apiKey.permissions) });
  }

  #anySet(): string[] {
    return this.#random.subset(this.#names, this.#random.pick([0, 0.1, 0.5, 0.9, 1]));
  }

  async #ok(method: string, path: string, body: unknown) {
    const answer = await service.call(method, this.#url + path, { as: this.#credential, body });
    expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
    return answer.body.data.result;
  }
}

test(`in ${CHANGES} random edits of roles, promotions, demotions, changes of mode and of the catalogue no key ever grows: frozen it keeps of its set what never left the catalogue, capped what its owner still holds of that`, async () => {
  const model = new Model(new Random(SEED));
  await model.populate();
  const kinds: Record<string, number> = {};
  let [narrowed, retired] = [0, 0];
  for (let step = 0; step < CHANGES; step++) {
    const kind = await model.change(step);
    kinds[kind] = (kinds[kind] ?? 0) + 1;
    for (const key of model.keys) {
      const where = `FROZEN_SEED=${SEED}, step ${step}, ${key.id}`;
      const stored = await service.storage.keys.find(service.owner.workspaceId, key.id);
      const held = model.held(key);
      expect(stored, where).toMatchObject({ permissions: held, isIntact: true });
      const { body } = await service.call('GET', '/api/v2/me', { as: key.secret });
      const expected = model.expected(key);
      expect(body.data.result.caller.permissions, where).toEqual(expected);
      if (expected.length < held.length) narrowed++;
      if (held.length < key.frozen.size) retired++;
    }
  }
  console.log(
    `frozen: FROZEN_SEED=${SEED}`,
    JSON.stringify(kinds),
    `narrowed by a cap: ${narrowed},`,
    `by the catalogue: ${retired}`,
  );
  expect(narrowed).toBeGreaterThan(CHANGES / 10);
  expect(retired).toBeGreaterThan(CHANGES / 10);
});

import { PERMISSIONS, type Permission, type PermissionMode } from '@latchkey/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Random, seedFrom } from '../harness/random.ts';
import { startTestService, type TestService } from '../harness/test-service.ts';

const CHANGES = Number(process.env.FROZEN_CHANGES ?? 500);
const SEED = seedFrom('FROZEN_SEED');
const ROLES = 4;
const PEOPLE = 5;
const KEYS = 12;

let service: TestService;

beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.close());

interface IssuedKey {
  readonly id: string;
  readonly secret: string;
  readonly userId: string;
  readonly frozen: readonly string[];
}

/** The people and roles of a workspace as the test itself has made them, beside what the service makes of it. */
class Model {
  readonly roles = new Map<string, readonly Permission[]>();
  readonly people = new Map<string, string>();
  readonly keys: IssuedKey[] = [];
  mode: PermissionMode = 'frozen';
  readonly #random: Random;
  readonly #url = `/api/v2/workspaces/${service.owner.workspaceId}`;

  constructor(random: Random) {
    this.#random = random;
  }

  async populate(): Promise<void> {
    for (let index = 0; index < ROLES; index++) {
      const permissions = this.#anySet();
      const { role } = await this.#ok('POST', '/roles', { name: `Role ${index}`, permissions });
      this.roles.set(role.id, permissions);
    }
    for (let index = 0; index < PEOPLE; index++) {
      const userId = await service.addMember(`Role ${index % ROLES}`);
      this.people.set(userId, [...this.roles.keys()][index % ROLES] ?? '');
    }
    for (let index = 0; index < KEYS; index++) await this.#issue();
  }

  /** One random change of roles, people or the mode. */
  async change(): Promise<string> {
    const kind = this.#random.pick(['edit', 'edit', 'move', 'move', 'mode', 'issue']);
    const roleId = this.#random.pick([...this.roles.keys()]);
    if (kind === 'edit') {
      const permissions = this.#anySet();
      await this.#ok('PUT', `/roles/${roleId}`, { permissions });
      this.roles.set(roleId, permissions);
    } else if (kind === 'move') {
      const userId = this.#random.pick([...this.people.keys()]);
      await this.#ok('PUT', `/members/${userId}`, { roleId });
      this.people.set(userId, roleId);
    } else if (kind === 'mode') {
      this.mode = this.#random.pick(['frozen', 'capped']);
      const answer = await service.call('PUT', '/api/v2/workspaces', {
        as: service.owner.secret,
        body: { permissionMode: this.mode },
      });
      expect(answer.status).toBe(200);
    } else {
      this.keys.splice(this.#random.below(KEYS), 1);
      await this.#issue();
    }
    return kind;
  }

  /** What the key must be able to do now. */
  expected({ frozen, userId }: IssuedKey): string[] {
    if (this.mode === 'frozen') return [...frozen];
    const now = this.roles.get(this.people.get(userId) ?? '') ?? [];
    return frozen.filter((permission) => now.indexOf(permission as Permission) >= 0);
  }

  async #issue(): Promise<void> {
    const userId = this.#random.pick([...this.people.keys()]);
    const { apiKey, key } = await service.createKey({ userId });
    this.keys.push({ id: apiKey.id, secret: key, userId, frozen: apiKey.permissions });
  }

  #anySet(): Permission[] {
    return this.#random.subset(PERMISSIONS, this.#random.pick([0, 0.1, 0.5, 0.9, 1]));
  }

  async #ok(method: string, path: string, body: unknown) {
    const answer = await service.call(method, this.#url + path, { as: service.owner.secret, body });
    expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
    return answer.body.data.result;
  }
}

test(`in ${CHANGES} random edits of roles, promotions, demotions and changes of mode no key ever grows: frozen it keeps its set, capped it has what its owner still holds of it`, async () => {
  const model = new Model(new Random(SEED));
  await model.populate();
  const kinds: Record<string, number> = {};
  let narrowed = 0;
  for (let step = 0; step < CHANGES; step++) {
    const kind = await model.change();
    kinds[kind] = (kinds[kind] ?? 0) + 1;
    for (const key of model.keys) {
      const where = `FROZEN_SEED=${SEED}, step ${step}, ${key.id}`;
      const stored = await service.storage.keys.find(service.owner.workspaceId, key.id);
      expect(stored, where).toMatchObject({ permissions: key.frozen, isIntact: true });
      const { body } = await service.call('GET', '/api/v2/me', { as: key.secret });
      const expected = model.expected(key);
      expect(body.data.result.caller.permissions, where).toEqual(expected);
      if (expected.length < key.frozen.length) narrowed++;
    }
  }
  console.log(`frozen: FROZEN_SEED=${SEED}`, JSON.stringify(kinds), `narrowed by a cap: ${narrowed}`);
  expect(narrowed).toBeGreaterThan(CHANGES / 10);
});

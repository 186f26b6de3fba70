/** A service over a database file with one workspace that has many keys, some for every filter of the list. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BUILT_IN_CATALOGUE } from '../../packages/contract/dist/index.js';
import { assemble } from '../../packages/server/dist/compose.js';
import { bootstrapService } from '../../packages/server/dist/domain/bootstrap/bootstrap-service.js';
import { systemClock } from '../../packages/server/dist/domain/shared/clock.js';
import { newId } from '../../packages/server/dist/domain/shared/id.js';
import { Keyring } from '../../packages/server/dist/domain/shared/keyring.js';
import { createLogger } from '../../packages/server/dist/log-output.js';
import { engineFor } from '../../packages/server/dist/storage/engines/registry.js';
import { toKeyRow } from '../../packages/server/dist/storage/keys/key-rows.js';
import { migrate } from '../../packages/server/dist/storage/migrations/migrate.js';
import { loadPermissionSets } from '../../packages/server/dist/storage/permission-sets/permission-sets.js';
import { Storage } from '../../packages/server/dist/storage/storage.js';

const DAY_MS = 86_400_000;
const BATCH = 500;
const MEMBERS = 200;
const ROLE_NAMES = ['Owner', 'Admin', 'Member', 'Viewer'];
/** @type {readonly (readonly import('@latchkey/contract').Permission[])[]} */
const SETS = [
  ['calls:read'],
  ['calls:read', 'calls:write'],
  ['calls:read', 'calls:write', 'calls:delete', 'agents:read'],
  ['agents:read', 'agents:write'],
  ['api-keys:read', 'api-keys:write'],
  ['members:read', 'members:remove'],
  ['billing:read', 'billing:manage'],
  [],
];
const WORDS = ['billing', 'mobile app', 'import', 'export job', 'staging', 'partner', 'reports'];

/** @typedef {import('../../packages/server/dist/storage/engines/engine.js').Database['db']} Db */

/**
 * @typedef {object} Workspace
 * @property {Db} db
 * @property {import('../../packages/server/dist/compose.js').Assembly['app']} app
 * @property {import('../../packages/server/dist/storage/permission-sets/permission-sets.js').PermissionSets} sets
 * @property {string} workspaceId
 * @property {string} secret of the owner's key
 * @property {string} userId of one of its members
 * @property {() => Promise<void>} close and removes the database
 */

/** @param {number} count how many keys, of which one in twenty is revoked @returns {Promise<Workspace>} */
export async function openWorkspaceOf(count) {
  const folder = mkdtempSync(path.join(tmpdir(), 'latchkey-listing-'));
  const url = `file:${path.join(folder, 'latchkey.db')}`;
  const keyring = new Keyring(Buffer.alloc(32, 7));
  const database = await engineFor(url).open(url);
  await migrate(database.db, keyring);
  const sets = await loadPermissionSets(database.db, BUILT_IN_CATALOGUE);
  const storage = new Storage(database, keyring, sets);
  const needs = { unitOfWork: storage, keyring, clock: systemClock, catalogue: BUILT_IN_CATALOGUE };
  const founding = { workspaceName: 'Bench', ownerEmail: 'owner@example.com', ownerName: 'Owner' };
  const founded = await bootstrapService(needs, founding);
  const members = await addMembers(storage, founded.workspaceId);
  const { workspaceId } = founded;
  await database.db
    .transaction()
    .execute((db) => addKeys(db, { keyring, sets, workspaceId, members, count }));
  const logger = createLogger('error');
  const service = await assemble({ storage, keyring, clock: systemClock, logger, memoryKeys: 1_000 });
  return {
    db: database.db,
    app: service.app,
    sets,
    workspaceId,
    secret: founded.secret,
    userId: members[7]?.id ?? '',
    async close() {
      await service.close();
      await storage.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** @param {Storage} storage @param {string} workspaceId */
async function addMembers(storage, workspaceId) {
  const now = Date.now();
  return storage.transact(async ({ members, roles }) => {
    const people = Array.from({ length: MEMBERS }, (_, index) => {
      return { id: newId('usr'), email: `member-${index}@example.com`, displayName: `Member ${index}` };
    });
    for (const [index, person] of people.entries()) {
      const role = await roles.findByName(workspaceId, at(ROLE_NAMES, index));
      await members.insertPerson(workspaceId, person, now);
      const times = { createdAt: now, updatedAt: now };
      const membership = { workspaceId, userId: person.id, roleId: role?.id ?? '', ...times };
      await members.insert({ ...membership, status: 'active' });
    }
    return people;
  });
}

/** @typedef {Awaited<ReturnType<typeof addMembers>>[number]} Person */
/** @typedef {import('../../packages/server/dist/domain/keys/key.js').Key} Key */

/**
 * @param {Db} db
 * @param {{
 *   keyring: Keyring,
 *   sets: import('../../packages/server/dist/storage/permission-sets/permission-sets.js').PermissionSets,
 *   workspaceId: string,
 *   members: readonly Person[],
 *   count: number,
 * }} filling
 */
async function addKeys(db, { keyring, sets, workspaceId, members, count }) {
  for (const set of SETS) await sets.intern(db, set);
  const owner_held = await sets.intern(db, []);
  for (let start = 0; start < count; start += BATCH) {
    const rows = Array.from({ length: Math.min(BATCH, count - start) }, (_, offset) => {
      const index = start + offset;
      const key = keyOf(workspaceId, at(members, index * 31), index, Date.now() - (count - index) * 1_000);
      return { ...toKeyRow(key, sets.toStored(key.permissions), keyring), owner_held };
    });
    await db.insertInto('api_keys').values(rows).execute();
  }
}

/** @param {string} workspaceId @param {Person} owner @param {number} index @param {number} createdAt @returns {Key} */
function keyOf(workspaceId, owner, index, createdAt) {
  const now = Date.now();
  const kind = index % 20;
  const ends = kind === 3 ? now - DAY_MS : now + (1 + (index % 1_000)) * DAY_MS;
  return {
    id: newId('key'),
    workspaceId,
    owner,
    name: `${at(WORDS, index)} key number ${index}`,
    hint: 'lk_live_…0000',
    isActive: kind !== 1,
    use: 'api',
    permissions: at(SETS, index * 13),
    rateLimit: { requestsPerMinute: 100, requestsPerDay: null },
    createdAt,
    createdBy: { kind: 'session', userId: owner.id, keyId: null },
    lastUsedAt: index % 2 === 0 ? null : now - ((index * 7_919) % 30) * DAY_MS,
    expiresAt: index % 3 === 0 ? ends : null,
    revokedAt: kind === 2 ? now - 1 : null,
    revokedReason: null,
    version: 1,
    isIntact: true,
  };
}

/** @template T @param {readonly T[]} items @param {number} index @returns {T} round and round */
function at(items, index) {
  return /** @type {T} */ (items[index % items.length]);
}

/**
 * Measures how fast keys are listed in a workspace with many keys: each filter in creation order, each order without a
 * filter, and the slowest combination of filter and order. A figure is a whole `GET /api-keys` in process, from the request
 * to the response with the first page: `wall` is the elapsed time on this machine, however busy, and `cpu` is the processor
 * time. Below it, the report prints the query plan.
 */
import { inject } from 'light-my-request';
import { plansOf } from '../listing/plans.mjs';
import { openWorkspaceOf } from '../listing/workspace.mjs';
import { median } from '../report/statistics.mjs';

const KEYS = 100_000;
const ROUNDS = 15;
const TARGET_MS = 20;
const DAY_MS = 86_400_000;
const LIMIT = 50;
const SORTS = /** @type {const} */ (['createdAt', 'name', 'lastUsedAt', 'expiresAt']);
const ORDERS = /** @type {const} */ (['asc', 'desc']);

/** @typedef {import('../../packages/server/dist/domain/keys/key-store.js').KeyFilter} KeyFilter */
/** @typedef {{ filter: KeyFilter, sortBy: typeof SORTS[number], sortOrder: typeof ORDERS[number] }} Question */
/** @typedef {import('../listing/workspace.mjs').Workspace} Workspace */

/** As the domain has them; the URLs follow from it. @returns {Readonly<Record<string, KeyFilter>>} */
const filtersFor = (/** @type {string} */ ownerId) => ({
  'no filter': {},
  'status=active': { status: 'active' },
  'status=disabled': { status: 'disabled' },
  'status=expired': { status: 'expired' },
  'status=revoked': { status: 'revoked' },
  userId: { ownerId },
  'search, many keys': { search: 'port' },
  'search, one key': { search: 'number 77777' },
  'search, no key': { search: 'zzzz' },
  permission: { permission: 'agents:read' },
  'exceedsOwner=true': { exceedsOwner: true },
  'exceedsOwner=false': { exceedsOwner: false },
  expiresBefore: { expiresBefore: Date.now() + 30 * DAY_MS },
  unusedSince: { unusedSince: Date.now() - 20 * DAY_MS },
});

export async function listing() {
  const workspace = await openWorkspaceOf(KEYS);
  const filters = Object.entries(filtersFor(workspace.userId));
  const orders = SORTS.flatMap((sortBy) => ORDERS.map((sortOrder) => ({ sortBy, sortOrder })));
  console.log(`first pages of ${LIMIT} among ${KEYS.toLocaleString('en')} keys, medians of ${ROUNDS} rounds`);
  for (const [name, filter] of filters)
    await tell(workspace, name, { filter, sortBy: 'createdAt', sortOrder: 'desc' });
  for (const order of orders)
    await tell(workspace, `sortBy=${order.sortBy} ${order.sortOrder}`, { filter: {}, ...order });
  const questions = filters.flatMap(([name, filter]) =>
    orders.map((order) => ({ name: `${name}, ${order.sortBy} ${order.sortOrder}`, filter, ...order })),
  );
  await tellSlowest(workspace, questions);
  await workspace.close();
}

/** @param {Workspace} workspace @param {string} name @param {Question} question */
async function tell(workspace, name, { filter, ...order }) {
  const { total, wall, cpu } = await measure(workspace, { filter, ...order });
  const verdict = wall < TARGET_MS ? 'met' : 'not met';
  const times = `${wall.toFixed(1).padStart(6)} ms wall ${cpu.toFixed(1).padStart(6)} ms cpu`;
  console.log(`${name.padEnd(24)} ${String(total).padStart(7)} keys ${times}  < ${TARGET_MS} ms ${verdict}`);
  const { db, sets, workspaceId } = workspace;
  const asked = { workspaceId, filter, now: Date.now(), sets };
  const plans = await plansOf(db, asked, { ...order, limit: LIMIT, offset: 0, after: null });
  for (const plan of new Set(plans)) console.log(`    ${plan}`);
}

/** @param {Workspace} workspace @param {readonly (Question & { name: string })[]} questions */
async function tellSlowest(workspace, questions) {
  let slowest = { name: '', wall: 0 };
  for (const { name, ...question } of questions) {
    const { wall } = await measure(workspace, question);
    if (wall > slowest.wall) slowest = { name, wall };
  }
  console.log(`slowest of every filter in every order: ${slowest.name}, ${slowest.wall.toFixed(1)} ms wall`);
}

/** @param {Workspace} workspace @param {Question} question */
async function measure({ app, secret }, question) {
  const walls = [];
  const cpus = [];
  let total = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const startedAt = performance.now();
    const used = process.cpuUsage();
    const answer = await inject((request, response) => app.server.emit('request', request, response), {
      url: urlOf(question),
      headers: { authorization: `Bearer ${secret}` },
    });
    const { user, system } = process.cpuUsage(used);
    walls.push(performance.now() - startedAt);
    cpus.push((user + system) / 1_000);
    if (answer.statusCode !== 200) throw new Error(`${urlOf(question)} → ${answer.body}`);
    total = answer.json().data.result.pagination.total;
  }
  return { total, wall: median(walls), cpu: median(cpus) };
}

/** @param {Question} question */
function urlOf({ filter: { ownerId, expiresBefore, unusedSince, ...plain }, sortBy, sortOrder }) {
  const query = new URLSearchParams({ sortBy, sortOrder, limit: String(LIMIT) });
  for (const [name, value] of Object.entries(plain)) query.set(name, String(value));
  if (ownerId !== undefined) query.set('userId', ownerId);
  if (expiresBefore !== undefined) query.set('expiresBefore', new Date(expiresBefore).toISOString());
  if (unusedSince !== undefined) query.set('unusedSince', new Date(unusedSince).toISOString());
  return `/api/v2/api-keys?${query}`;
}

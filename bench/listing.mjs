/**
 * How fast lists of keys are in a workspace of many: each filter in the order of creation, and each order without a
 * filter. Every figure is a whole `GET /api-keys` in process, from the request to the answer, for the first page.
 *
 *   node scripts/prepare.mjs && node bench/listing.mjs [--keys 100000] [--rounds 15]
 *
 * `wall` is what a caller waits for on this machine as busy as it is, `cpu` what the work itself takes.
 */
import { parseArgs } from 'node:util';
import { plansOf } from './listing/plans.mjs';
import { openWorkspaceOf } from './listing/workspace.mjs';

const AIM_MS = 20;
const DAY_MS = 86_400_000;
const PAGE = { limit: 50, offset: 0 };

const { values: options } = parseArgs({
  options: { keys: { type: 'string', default: '100000' }, rounds: { type: 'string', default: '15' } },
});
const KEYS = Number(options.keys);
const ROUNDS = Number(options.rounds);

const workspace = await openWorkspaceOf(KEYS);
const { userId } = workspace;
const soon = Date.now() + 30 * DAY_MS;
const lately = Date.now() - 20 * DAY_MS;

/** Each as the domain has it; the URL follows from it. @type {Readonly<Record<string, Record<string, any>>>} */
const FILTERS = {
  'no filter': {},
  'status=active': { status: 'active' },
  'status=disabled': { status: 'disabled' },
  'status=expired': { status: 'expired' },
  'status=revoked': { status: 'revoked' },
  userId: { ownerId: userId },
  'search, one in four': { search: 'port' },
  'search, one key': { search: 'number 77777' },
  'search, no key': { search: 'zzzz' },
  permission: { permission: 'agents:read' },
  'exceedsOwner=true': { exceedsOwner: true },
  'exceedsOwner=false': { exceedsOwner: false },
  expiresBefore: { expiresBefore: soon },
  unusedSince: { unusedSince: lately },
};
const SORTS = ['createdAt', 'name', 'lastUsedAt', 'expiresAt'];

console.log(
  `${KEYS.toLocaleString('en')} keys in a workspace, first pages of ${PAGE.limit}, medians of ${ROUNDS} rounds`,
);
for (const [name, filter] of Object.entries(FILTERS)) await tell(name, filter, 'createdAt', 'desc');
for (const sortBy of SORTS)
  for (const sortOrder of ['asc', 'desc']) await tell(`sortBy=${sortBy} ${sortOrder}`, {}, sortBy, sortOrder);
let slowest = { name: '', cpu: 0 };
for (const [name, filter] of Object.entries(FILTERS))
  for (const sortBy of SORTS)
    for (const sortOrder of ['asc', 'desc']) {
      const { cpu } = await measure(urlOf(filter, sortBy, sortOrder));
      if (cpu > slowest.cpu) slowest = { name: `${name}, ${sortBy} ${sortOrder}`, cpu };
    }
console.log(`slowest of every filter in every order: ${slowest.name}, ${slowest.cpu.toFixed(1)} ms cpu`);
await workspace.close();

/** @param {string} name @param {Record<string, any>} filter @param {string} sortBy @param {string} sortOrder */
async function tell(name, filter, sortBy, sortOrder) {
  const { total, wall, cpu } = await measure(urlOf(filter, sortBy, sortOrder));
  const { workspaceId, sets } = workspace;
  const listing = { workspaceId, sets, filter, now: Date.now() };
  const plans = await plansOf(workspace.db, listing, { ...PAGE, sortBy, sortOrder });
  const verdict = wall < AIM_MS ? 'met' : 'NOT MET';
  const times = `${wall.toFixed(1).padStart(6)} ms wall ${cpu.toFixed(1).padStart(6)} ms cpu`;
  console.log(`${name.padEnd(24)} ${String(total).padStart(7)} keys ${times}  < ${AIM_MS} ms ${verdict}`);
  for (const plan of new Set(plans)) console.log(`    ${plan}`);
}

/** @param {string} url */
async function measure(url) {
  const walls = [];
  const cpus = [];
  let total = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    const used = process.cpuUsage();
    const answer = await workspace.app.inject({
      url,
      headers: { authorization: `Bearer ${workspace.secret}` },
    });
    const { user, system } = process.cpuUsage(used);
    walls.push(performance.now() - began);
    cpus.push((user + system) / 1_000);
    if (answer.statusCode !== 200) throw new Error(`${url} → ${answer.body}`);
    total = answer.json().data.result.pagination.total;
  }
  return { total, wall: median(walls), cpu: median(cpus) };
}

/** @param {Record<string, any>} filter @param {string} sortBy @param {string} sortOrder */
function urlOf({ ownerId, expiresBefore, unusedSince, ...plain }, sortBy, sortOrder) {
  const query = new URLSearchParams({ ...plain, sortBy, sortOrder, limit: String(PAGE.limit) });
  if (ownerId) query.set('userId', ownerId);
  if (expiresBefore) query.set('expiresBefore', new Date(expiresBefore).toISOString());
  if (unusedSince) query.set('unusedSince', new Date(unusedSince).toISOString());
  return `/api/v2/api-keys?${query}`;
}

/** @param {number[]} values */
function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

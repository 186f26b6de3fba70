/**
 * Checks and creations a second over PostgreSQL, with one instance, two, and one of two workers, against one over SQLite; the
 * same of keys without limits, and of keys in many workspaces; and the processor time of the instances for each check. All
 * instances share one core, so that two of them show what they cost, not more throughput.
 */

import { writeCreations } from '../load/creations.mjs';
import { saturate } from '../load/saturate.mjs';
import { processorMsOfTree } from '../machine/resources.mjs';
import { perSecond } from '../report/rows.mjs';
import { interleaveUntilNarrow, ratios } from './rounds.mjs';

const KEYS = 1_000;
/** The changes of one workspace have an order, since each entry of its audit log has the hash of the one before. */
const WORKSPACES = 8;

/** @typedef {import('./open.mjs').WarmService} WarmService */
/** @typedef {{ services: readonly WarmService[], requestsFile: string }} Setting the requests go to each service */

/** @type {import('./all.mjs').Scenario} */
export const engines = {
  name: 'engines',
  async run({ ratioRounds, seconds, draws }, open) {
    const wanted = { count: KEYS, draws };
    const sqlite = await open.service(wanted);
    const limited = await open.overPostgres({ ...wanted, neighbours: WORKSPACES });
    const sqliteUnlimited = await open.service({ ...wanted, kind: 'unlimited' });
    const unlimited = await open.overPostgres({ ...wanted, kind: 'unlimited', neighbours: 0 });
    const checking = await measure(
      'checks',
      checksOf({ sqlite, limited, sqliteUnlimited, unlimited }),
      ratioRounds,
      seconds,
    );
    const creating = await measure('creations', await creationsOf({ sqlite, limited }), ratioRounds, seconds);
    return { rows: [...rowsOf('check', checking), ...timeRows(checking), ...rowsOf('create', creating)] };
  },
};

/** @typedef {Awaited<ReturnType<import('./open.mjs').Open['overPostgres']>>} OverPostgres */

/** @param {{ sqlite: WarmService, limited: OverPostgres, sqliteUnlimited: WarmService, unlimited: OverPostgres }} opened */
function checksOf({ sqlite, limited: { one, two, workers }, sqliteUnlimited, unlimited }) {
  /** @param {...WarmService} services @returns {Setting} */
  const checks = (...services) => ({ services, requestsFile: services[0]?.requestsFile ?? '' });
  return {
    SQLite: checks(sqlite),
    'PostgreSQL, one instance': checks(one),
    'PostgreSQL, two instances': checks(one, two),
    'PostgreSQL, two workers': checks(workers),
    'SQLite, keys without limits': checks(sqliteUnlimited),
    'PostgreSQL, one instance, keys without limits': checks(unlimited.one),
  };
}

/** @param {{ sqlite: WarmService, limited: OverPostgres }} opened @returns {Promise<Record<string, Setting>>} */
async function creationsOf({ sqlite, limited: { one, two, workers, neighbours } }) {
  const requestsFile = await writeCreations(one.url, [one.prepared]);
  return {
    SQLite: { services: [sqlite], requestsFile: await writeCreations(sqlite.url, [sqlite.prepared]) },
    'PostgreSQL, one instance': { services: [one], requestsFile },
    'PostgreSQL, two instances': { services: [one, two], requestsFile },
    'PostgreSQL, two workers': { services: [workers], requestsFile },
    [`PostgreSQL, one instance, ${WORKSPACES} workspaces`]: {
      services: [one],
      requestsFile: await writeCreations(one.url, neighbours),
    },
  };
}

/**
 * @typedef {{ samples: import('./rounds.mjs').Samples, processor: import('./rounds.mjs').Samples }} Measured requests a second,
 * and milliseconds of processor time for each
 */

/**
 * @param {string} name
 * @param {Record<string, Setting>} settings
 * @param {import('./rounds.mjs').Rounds} rounds
 * @param {number} seconds
 * @returns {Promise<Measured>}
 */
async function measure(name, settings, rounds, seconds) {
  /** @type {import('./rounds.mjs').Samples} */
  const processor = {};
  const trials = Object.entries(settings).map(([setting, { services, requestsFile }]) => ({
    name: setting,
    async measure() {
      const before = processorOf(services);
      const rates = await Promise.all(services.map(({ url }) => saturate({ url, requestsFile }, seconds)));
      const rate = rates.reduce((sum, each) => sum + each, 0);
      // The warm-up of the load is in the time as well, and is as long for all.
      processor[setting] = [
        ...(processor[setting] ?? []),
        (processorOf(services) - before) / (rate * seconds),
      ];
      return rate;
    },
  }));
  const samples = await interleaveUntilNarrow(`engines: ${name}`, trials, rounds);
  return { samples, processor };
}

/** @param {readonly WarmService[]} services */
function processorOf(services) {
  return services.reduce((sum, { pid }) => sum + processorMsOfTree(pid), 0);
}

/** @param {string} what @param {Measured} measured @returns {import('../report/rows.mjs').Row[]} */
function rowsOf(what, { samples }) {
  const { SQLite: base, ...others } = samples;
  return Object.entries(others).map(([setting, rates]) => ({
    scenario: 'engines',
    what: `${what}: ${setting}, against SQLite`,
    unit: 'ratio',
    samples: ratios(rates, base),
    detail: `${perSecond(rates)} : ${perSecond(base)}`,
  }));
}

/** @param {Measured} measured @returns {import('../report/rows.mjs').Row[]} */
function timeRows({ processor }) {
  return Object.entries(processor).map(([setting, samples]) => ({
    scenario: 'engines',
    what: `processor time of the instances for one check: ${setting}`,
    unit: 'milliseconds',
    samples,
  }));
}

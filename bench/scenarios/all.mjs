/** Every scenario, in the order of the table. */
import { againstOthers } from './against-others.mjs';
import { creating } from './creating.mjs';
import { duringBursts } from './during-bursts.mjs';
import { duringChanges } from './during-changes.mjs';
import { duringFlood } from './during-flood.mjs';
import { engines } from './engines.mjs';
import { forwardAuth } from './forward-auth.mjs';
import { inProcess } from './in-process.mjs';
import { keyCount } from './key-count.mjs';
import { kindsOfCheck } from './kinds-of-check.mjs';
import { latency } from './latency.mjs';
import { memory } from './memory.mjs';
import { middlewares } from './middlewares.mjs';
import { startUp } from './start-up.mjs';

/**
 * What is measured together, in rounds of its own.
 * @typedef {object} Scenario
 * @property {string} name
 * @property {readonly string[]} [rows] rows that `--only` can choose one by one
 * @property {(settings: Settings, open: import('./open.mjs').Open) => Promise<Result>} run
 */
/**
 * @typedef {object} Settings
 * @property {number} rounds of whatever has a target
 * @property {import('./rounds.mjs').Rounds} ratioRounds of a ratio to the first trial: as many as it needs to be known to ±10 %
 * @property {(row: string) => boolean} wants whether a row of `rows` is to be measured
 * @property {number} fewRounds of what is there for comparison only and takes long
 * @property {number} seconds how long one measurement takes
 * @property {number} longSeconds how long a measurement takes that must include background work
 * @property {number} latencySeconds how long one measurement of latency by load takes
 * @property {number} draws how many draws of keys a run of load goes through before it begins again
 * @property {number} most the number of keys of "many keys"
 * @property {readonly number[]} counts the numbers of keys whose throughput is drawn
 * @property {readonly number[]} loads shares of what a server can do at most, at which latency is measured
 * @property {readonly number[]} loadsOfSlow the same for servers that are far slower than the others
 */
/**
 * @typedef {object} Result
 * @property {readonly import('../report/rows.mjs').Row[]} rows
 * @property {import('../report/plot.mjs').Drawing} [drawing]
 */

/** @type {readonly Scenario[]} */
export const scenarios = [
  againstOthers,
  kindsOfCheck,
  forwardAuth,
  middlewares,
  keyCount,
  duringChanges,
  duringFlood,
  duringBursts,
  latency,
  creating,
  engines,
  startUp,
  memory,
  inProcess,
];

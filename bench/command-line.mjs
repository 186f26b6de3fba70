/** Parses the command line of the benchmark. */
import { parseArgs } from 'node:util';

export const USAGE = `Measures Latchkey against others and against its targets, in one run, and prints one table.

  npm run bench                           everything; about thirty minutes once databases are prepared
  npm run bench -- --quick                everything coarsely, in about a minute
  npm run bench -- --only latency,memory  some scenarios
  npm run bench -- --only check:bare      a row of one
  npm run bench -- --rounds 9             exactly 9 rounds; if not said, a ratio is measured until it is known to ±10 %
  npm run bench -- --json FILE            the samples as well, as JSON, written after each scenario
  npm run bench -- --ten-million          with ten million keys, too
  npm run bench -- --publish              writes table and drawings into docs, where nothing failed
  npm run bench -- profile                where the time of a check goes
  npm run bench -- soak --minutes 30      whether memory, files and latency stay as they are; 3 minutes if not said
  npm run bench -- listing                lists of keys in a workspace of 100,000, by filter and by order
  npm run bench -- timing                 whether the time of an answer tells that a key exists
  npm run bench -- timing --pairs 20000   with fewer pairs than 200,000; over loopback a tenth of them
  npm run bench -- attack --seconds 60    good keys and memory under each known attack, and under all at the same time
  npm run bench -- --help                 this

A scenario that fails leaves a row that says why, the others are measured all the same, and the exit code is 1.`;

/** What can be run instead of the comparison. */
const MODES = /** @type {const} */ (['profile', 'soak', 'listing', 'timing', 'attack']);

/** @typedef {typeof MODES[number]} Mode */

/** The command line is invalid. The message is one line, which the program prints before it exits. */
export class UsageError extends Error {}

const OPTIONS = /** @type {const} */ ({
  help: { type: 'boolean', default: false },
  quick: { type: 'boolean', default: false },
  only: { type: 'string' },
  json: { type: 'string' },
  'ten-million': { type: 'boolean', default: false },
  publish: { type: 'boolean', default: false },
  rounds: { type: 'string' },
  minutes: { type: 'string', default: '3' },
  seconds: { type: 'string', default: '60' },
  pairs: { type: 'string', default: '200000' },
});

/**
 * @param {readonly string[]} args
 * @returns what they ask for; throws a `UsageError` where there is no such thing
 */
export function readCommandLine(args) {
  const { values, positionals } = parse(args);
  const [name, ...surplus] = positionals;
  const mode = MODES.find((known) => known === name);
  if (name !== undefined && mode === undefined)
    throw new UsageError(`There is no ${name}; there are ${MODES.join(', ')}`);
  if (surplus.length > 0) throw new UsageError(`${surplus.join(' ')} is one argument too many`);
  // The published table would otherwise lack the scenarios that were not run.
  if (values.publish && values.only !== undefined)
    throw new UsageError('--publish takes everything: leave out --only');
  const { rounds, minutes, seconds, pairs, only, ...rest } = values;
  return {
    ...rest,
    mode,
    only: only?.split(','),
    rounds: rounds === undefined ? undefined : positive('rounds', rounds),
    minutes: positive('minutes', minutes),
    seconds: positive('seconds', seconds),
    pairs: positive('pairs', pairs),
  };
}

/** @param {readonly string[]} args */
function parse(args) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  } catch (error) {
    const { code = '', message } = /** @type {NodeJS.ErrnoException} */ (error);
    if (!code.startsWith('ERR_PARSE_ARGS_')) throw error;
    // Only the first sentence: Node's second one is about files whose names begin with a dash.
    throw new UsageError(message.split('. ')[0]);
  }
}

/** @param {string} name @param {string} text */
function positive(name, text) {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new UsageError(`--${name} takes a whole number above 0, not ${text}`);
}

/**
 * Measures Latchkey against others and against its targets, in one run, and prints one table.
 *
 *   npm run bench                          everything; about twenty minutes
 *   npm run bench -- --quick               everything coarsely, within a minute once databases are prepared
 *   npm run bench -- --only latency,memory some of it
 *   npm run bench -- --rounds 9            more rounds than 5 (with --quick than 3)
 *   npm run bench -- --json FILE           the samples as well, as JSON
 *   npm run bench -- --ten-million         with ten million keys, too
 *   npm run bench -- --publish             writes table and drawings into docs
 *   npm run bench -- profile               where the time of a check goes
 *   npm run bench -- soak --minutes 3      whether memory, files and latency stay as they are
 *   npm run bench -- listing               lists of keys in a workspace of 100,000, by filter and by order
 *   npm run bench -- timing                whether the time of an answer tells that a key exists
 *   npm run bench -- timing --pairs 20000  with fewer pairs than 200,000; over loopback a tenth of them
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { install } from './install.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    json: { type: 'string' },
    'ten-million': { type: 'boolean', default: false },
    publish: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    minutes: { type: 'string', default: '3' },
    pairs: { type: 'string', default: '200000' },
  },
});

install();
await run(positionals[0]);

/** @param {string | undefined} command */
async function run(command) {
  if (command === 'profile') return (await import('./modes/profile.mjs')).profile();
  if (command === 'soak') return (await import('./modes/soak.mjs')).soak(Number(options.minutes));
  if (command === 'listing') return (await import('./modes/listing.mjs')).listing();
  if (command === 'timing') return (await import('./modes/timing.mjs')).timing(Number(options.pairs));
  if (command !== undefined) throw new Error(`There is no ${command}; see the top of bench/main.mjs`);
  const { compare } = await import('./modes/compare.mjs');
  const { circumstances, rows, drawings } = await compare(settings(), options.only?.split(','));
  const { asText } = await import('./report/table.mjs');
  console.log([asText(rows), '', ...circumstances.facts, ...circumstances.leftOut].join('\n'));
  if (options.json !== undefined)
    writeFileSync(options.json, JSON.stringify({ circumstances, rows, drawings }, null, 2));
  if (options.publish) (await import('./report/publish.mjs')).publish(rows, drawings, circumstances);
}

/** @returns {import('./scenarios/all.mjs').Settings} */
function settings() {
  const tenMillion = options['ten-million'] ? [10_000_000] : [];
  if (options.quick)
    return {
      rounds: Number(options.rounds ?? 3),
      seconds: 0.3,
      draws: 4_096,
      most: 100_000,
      asked: 10_000,
      counts: [1_000, 100_000],
      loads: [0.25, 0.5, 0.75],
    };
  return {
    rounds: Number(options.rounds ?? 5),
    seconds: 3,
    draws: 65_536,
    most: 1_000_000,
    asked: 1_000_000,
    counts: [1_000, 10_000, 100_000, 1_000_000, ...tenMillion],
    loads: [0.1, 0.25, 0.5, 0.75, 0.9],
  };
}

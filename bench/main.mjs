/** The command of the benchmark: `npm run bench -- --help` prints its options. */
import { readCommandLine, USAGE, UsageError } from './command-line.mjs';
import { install } from './install.mjs';

try {
  await run(readCommandLine(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}. See npm run bench -- --help`);
  process.exitCode = 2;
}

/** @param {ReturnType<typeof readCommandLine>} options */
async function run(options) {
  if (options.help) return console.log(USAGE);
  const { mode } = options;
  // It compares with nothing that would have to be installed.
  if (mode === 'attack') return (await import('./modes/attack.mjs')).attack(options.seconds);
  install();
  if (mode === 'profile') return (await import('./modes/profile.mjs')).profile();
  if (mode === 'soak') return (await import('./modes/soak.mjs')).soak(options.minutes);
  if (mode === 'listing') return (await import('./modes/listing.mjs')).listing();
  if (mode === 'timing') return (await import('./modes/timing.mjs')).timing(options.pairs);
  return (await import('./modes/compare.mjs')).compare(options);
}

#!/usr/bin/env node
import './no-inspector.ts';
import './lasting-tick.ts';
import { complain } from './complain.ts';
import { EXIT } from './exit-codes.ts';
import { warn } from './output.ts';
import { run } from './program.ts';
import type { Terminal } from './terminal.ts';

/** How long a run that has failed may take to end by itself. */
const LINGER_MS = 500;

const { env, stdin, stdout, stderr } = process;
const terminal: Terminal = { env, stdin, stdout, stderr, exitCode: EXIT.ok, outlivesOutput: false };
const args = process.argv.slice(2);

// A bug is told like everything else: in a line, without a stack trace.
process.on('uncaughtException', (error) => process.exit(complain(terminal, error, args.includes('--json'))));

// Which parts of Node are experimental is no news for the person at the terminal.
process.removeAllListeners('warning');
process.on('warning', ({ name, message }) => {
  if (name !== 'ExperimentalWarning') warn(terminal, message);
});

// The reader of our output may stop early, as `head` does.
stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  if (!terminal.outlivesOutput) process.exit(code === 'EPIPE' ? EXIT.ok : EXIT.failure);
  warn(terminal, `standard output cannot be written (${code}); what was to be shown there is lost`);
});
// What is said besides the answer ends nothing when it cannot be said.
stderr.on('error', () => {});

process.exitCode = await run(args, terminal);

// What failed half-way may have left something behind that would keep the process alive.
if (process.exitCode !== EXIT.ok) setTimeout(() => process.exit(), LINGER_MS).unref();

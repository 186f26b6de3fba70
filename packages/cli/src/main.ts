#!/usr/bin/env node
import './lasting-tick.ts';
import { complain } from './complain.ts';
import { EXIT } from './exit-codes.ts';
import { warn } from './output.ts';
import { run } from './program.ts';
import type { Terminal } from './terminal.ts';

/** How long a run that has failed may take to end by itself. */
const LINGER_MS = 500;

const { env, stdin, stdout, stderr } = process;
const terminal: Terminal = { env, stdin, stdout, stderr, exitCode: EXIT.ok };
const args = process.argv.slice(2);

// A bug is told like everything else: in a line, without a stack trace.
process.on('uncaughtException', (error) => process.exit(complain(terminal, error, args.includes('--json'))));

// Which parts of Node are experimental is no news for the person at the terminal.
process.removeAllListeners('warning');
process.on('warning', ({ name, message }) => {
  if (name !== 'ExperimentalWarning') warn(terminal, message);
});

// Whoever reads our output may stop early, as `head` does.
stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failure),
);

process.exitCode = await run(args, terminal);

// What failed half-way may have left something behind that would keep the process alive.
if (process.exitCode !== EXIT.ok) setTimeout(() => process.exit(), LINGER_MS).unref();

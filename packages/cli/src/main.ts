#!/usr/bin/env node
import './process-start.ts';
import { EXIT } from './exit-codes.ts';
import { run } from './program.ts';
import { warn } from './terminal/output.ts';
import { printError } from './terminal/print-error.ts';
import type { Terminal } from './terminal/terminal.ts';

/** How long the process may take to end after its run. */
const LINGER_MS = 500;

const { env, stdin, stdout, stderr } = process;
const terminal: Terminal = { env, stdin, stdout, stderr, exitCode: EXIT.ok, outlivesOutput: false };
const args = process.argv.slice(2);

// A bug is printed like any other error: in one line, without a stack trace.
process.on('uncaughtException', (error) =>
  process.exit(printError(terminal, error, args.includes('--json'))),
);

// Users do not need Node's warnings about experimental features.
process.removeAllListeners('warning');
process.on('warning', ({ name, message }) => {
  if (name !== 'ExperimentalWarning') warn(terminal, message);
});

// The reader of a pipe may close it early, as `head` does.
stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  if (!terminal.outlivesOutput) process.exit(code === 'EPIPE' ? EXIT.ok : EXIT.failure);
  warn(terminal, `standard output cannot be written (${code}); the rest of the output is lost`);
});
// A run does not fail because notes cannot be written to standard error.
stderr.on('error', () => {});

process.exitCode = await run(args, terminal);

// A failed run, or a service whose collector of traces does not answer, may leave a handle that would keep the process alive.
if (process.exitCode !== EXIT.ok || terminal.outlivesOutput)
  setTimeout(() => process.exit(), LINGER_MS).unref();

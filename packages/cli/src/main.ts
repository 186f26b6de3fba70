#!/usr/bin/env node
import { complain } from './complain.ts';
import { EXIT } from './exit-codes.ts';
import { run } from './program.ts';
import type { Terminal } from './terminal.ts';

const { env, stdin, stdout, stderr } = process;
const terminal: Terminal = { env, stdin, stdout, stderr, exitCode: EXIT.ok };
const args = process.argv.slice(2);

// A bug is told like everything else: in a line, without a stack trace.
process.on('uncaughtException', (error) => process.exit(complain(terminal, error, args.includes('--json'))));

// Whoever reads our output may stop early, as `head` does.
stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failure),
);

process.exitCode = await run(args, terminal);

#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A published package contains the built program; a clone builds it on the first call. */
const program = new URL('../dist/main.js', import.meta.url);
if (existsSync(program) || build()) await import(program.href);
else process.exitCode = 1;

function build() {
  const prepare = fileURLToPath(new URL('../../../scripts/prepare.mjs', import.meta.url));
  const { status } = spawnSync(process.execPath, [prepare, '--program'], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return status === 0;
}

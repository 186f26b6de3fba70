import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, vi } from 'vitest';

export const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export class SpawnedCli {
  readonly process: ChildProcess;
  readonly exited: Promise<number | null>;
  stdout = '';
  stderr = '';

  constructor(child: ChildProcess) {
    this.process = child;
    this.exited = once(child, 'close').then(([code]) => code);
    child.stdout?.on('data', (chunk) => {
      this.stdout += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      this.stderr += chunk;
    });
  }

  /** The address in the line that says where the service listens, once it is there. Rejects if the process ends before. */
  async url(): Promise<string> {
    const ended = this.exited.then((code) => {
      throw new Error(`the process ended with ${code}: ${this.stderr}`);
    });
    return Promise.race([this.#listening(), ended]);
  }

  #listening(): Promise<string> {
    return vi.waitFor(() => {
      const [, url] = /listening on (http:\S+)/.exec(this.stdout) ?? [];
      expect(url, this.stderr).toBeDefined();
      return String(url);
    }, 40_000);
  }
}

/** Starts the built program as a process of its own, which does not outlive the test. */
export function spawnCli(args: readonly string[], env: NodeJS.ProcessEnv = {}, stdin = ''): SpawnedCli {
  const cli = startCli(args, env, stdin);
  onTestFinished(() => {
    cli.process.kill('SIGKILL');
  });
  return cli;
}

/** `spawnCli` for a process that the caller ends. */
export function startCli(args: readonly string[], env: NodeJS.ProcessEnv = {}, stdin = ''): SpawnedCli {
  const { PATH } = process.env;
  const child = spawn(process.execPath, [MAIN, ...args], { env: { PATH, ...env } });
  child.stdin.on('error', () => undefined).end(stdin);
  return new SpawnedCli(child);
}

export async function runSpawned(args: readonly string[], env?: NodeJS.ProcessEnv, stdin?: string) {
  const cli = spawnCli(args, env, stdin);
  const exitCode = await cli.exited;
  return { exitCode, stdout: cli.stdout, stderr: cli.stderr };
}

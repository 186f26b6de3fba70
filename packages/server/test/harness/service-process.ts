import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The built command, as people run it. */
const CLI = fileURLToPath(new URL('../../../cli/dist/main.js', import.meta.url));
const LISTENING = /listening on (http:\/\/127\.0\.0\.1:\d+)/;
const READY_WITHIN_MS = 30_000;

/** What `latchkey init --json` prints. */
export interface FirstWorkspace {
  readonly workspaceId: string;
  readonly userId: string;
  readonly key: string;
}

export interface ServeOptions {
  readonly dataDir: string;
  /** Further options of the command. */
  readonly args?: readonly string[];
  /** Prepare the data directory first, as `npm start` does. */
  readonly init?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** The file URL of a module that runs before the service. */
  readonly preload?: string | undefined;
  /** A program that runs the service as its own process id, such as `strace -D`. */
  readonly under?: readonly string[];
}

/** A data directory as `latchkey init` makes it. All that a test process makes have the same workspace and owner. */
export async function initDataDir(dataDir: string): Promise<FirstWorkspace> {
  initial ??= makeInitial();
  const { folder, workspace } = await initial;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  cpSync(folder, dataDir, { recursive: true });
  return workspace;
}

interface InitialData {
  readonly folder: string;
  readonly workspace: FirstWorkspace;
}

/** Made once in each test process, because `latchkey init` takes a second of processor time. */
let initial: Promise<InitialData> | null = null;

async function makeInitial(): Promise<InitialData> {
  const parent = mkdtempSync(path.join(tmpdir(), 'latchkey-initial-'));
  process.once('exit', () => rmSync(parent, { recursive: true, force: true }));
  const folder = path.join(parent, 'data');
  return { folder, workspace: await runInit(folder) };
}

/** Runs `latchkey init`, for a data directory with a workspace of its own; `under` as in `ServeOptions`. */
export async function runInit(
  dataDir: string,
  env: Record<string, string> = {},
  under: readonly string[] = [],
): Promise<FirstWorkspace> {
  requireBuild();
  const [program = '', ...args] = [...under, process.execPath, CLI, 'init', '--json', '--data-dir', dataDir];
  const options = { env: { ...environment(), ...env } };
  const { stdout } = await promisify(execFile)(program, args, options);
  return JSON.parse(stdout) as FirstWorkspace;
}

/** Runs `latchkey serve` as a separate process on a free port. When it does not start, rejects and leaves no process. */
export async function startService(options: ServeOptions): Promise<ServiceProcess> {
  const service = launchService(options);
  await service.ready;
  return service;
}

/** `startService` without waiting. */
export function launchService({
  dataDir,
  args: more = [],
  init = false,
  env,
  preload,
  under = [],
}: ServeOptions): ServiceProcess {
  requireBuild();
  const where = ['--port', '0', '--host', '127.0.0.1', '--data-dir', dataDir];
  const serve = [CLI, 'serve', ...where, ...more, ...(init ? ['--init'] : [])];
  const [program = '', ...args] = [...under, process.execPath, ...serve];
  const preloaded = preload === undefined ? {} : { NODE_OPTIONS: `--import=${preload}` };
  return new ServiceProcess(spawn(program, args, { env: { ...environment(), ...preloaded, ...env } }));
}

/** A running `latchkey serve`. */
export class ServiceProcess {
  readonly pid: number;
  /** Resolves when the service has printed the address that it listens on. */
  readonly ready: Promise<void>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #exited: Promise<unknown>;
  #output = '';
  #url = '';
  #startedInMs = 0;

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    this.pid = child.pid ?? 0;
    this.#exited = once(child, 'close');
    this.ready = this.#awaitReady();
    // A test that kills the service before it is ready does not await `ready`: its rejection must not be unhandled.
    this.ready.catch(() => {});
  }

  get url(): string {
    return this.#url;
  }

  /** Milliseconds from starting the process until it printed the address that it listens on. */
  get startedInMs(): number {
    return this.#startedInMs;
  }

  /** All it has printed so far, on both streams. */
  get output(): string {
    return this.#output;
  }

  /** SIGKILL; resolves when the process is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  /** Resolves with the exit code when the process has exited; null when a signal ended it. */
  async ended(): Promise<number | null> {
    await this.#exited;
    return this.#child.exitCode;
  }

  /** Sends SIGTERM. Resolves with the exit code; null when a signal ended the process. */
  async stop(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    await this.#exited;
    return this.#child.exitCode;
  }

  async #awaitReady(): Promise<void> {
    const begun = performance.now();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), READY_WITHIN_MS);
    try {
      await new Promise<void>((resolve, reject) => {
        const listen = (chunk: Buffer): void => {
          this.#output += chunk.toString('utf8');
          if (this.#url !== '') return;
          this.#url = LISTENING.exec(this.#output)?.[1] ?? '';
          if (this.#url !== '') resolve();
        };
        this.#child.stdout.on('data', listen);
        this.#child.stderr.on('data', listen);
        this.#exited.then(
          () => reject(new Error(`the service ended before it was ready:\n${this.#output}`)),
          reject,
        );
      });
      this.#startedInMs = performance.now() - begun;
    } finally {
      clearTimeout(timer);
    }
  }
}

function requireBuild(): void {
  if (!existsSync(CLI)) throw new Error(`${CLI} is missing: run "npm run build" first`);
}

/**
 * Without the test runner's own environment, so that a run is the same everywhere. The caps are raised, because the proofs
 * create more keys than the default cap allows.
 */
function environment(): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    LATCHKEY_LOG_LEVEL: 'error',
    LATCHKEY_KEYS_PER_MEMBER_MAX: '1000000',
  };
}

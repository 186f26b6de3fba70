import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Latchkey } from '@latchkey/sdk';
import { loadConfig, startService } from '@latchkey/server';
import { onTestFinished } from 'vitest';
import { type Ran, runCli } from './run-cli.ts';
import { runSpawned, spawnCli } from './spawn-cli.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface CalledService {
  readonly url: string;
  readonly api: Latchkey;
  /** Creates a key and returns its id and text. */
  createKey(): Promise<{ id: string; key: string }>;
  /** Of these keys, those that verify. */
  alive(keys: readonly string[]): Promise<string[]>;
}

export interface RunningService extends CalledService {
  /** What it has written to standard error. */
  log(): string;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** What `latchkey init --json` prints. */
export interface Owner {
  readonly key: string;
  readonly userId: string;
  readonly workspaceId: string;
}

interface InitialData {
  readonly folder: string;
  readonly owner: Owner;
}

/** Made once in each test process. */
let initial: Promise<InitialData> | null = null;

async function makeInitial(): Promise<InitialData> {
  const parent = mkdtempSync(join(tmpdir(), 'latchkey-initial-'));
  process.once('exit', () => rmSync(parent, { recursive: true, force: true }));
  const folder = join(parent, 'data');
  return { folder, owner: await initialise(folder) };
}

async function initialise(folder: string): Promise<Owner> {
  const { stdout } = await runCli(['init', '--json', '--data-dir', folder]);
  return JSON.parse(stdout) as Owner;
}

/** A data folder of a service that runs as a process of its own, and commands on it. */
export class DataFolder {
  readonly path: string;
  readonly owner: Owner;

  private constructor(path: string, owner: Owner) {
    this.path = path;
    this.owner = owner;
  }

  get ownerKey(): string {
    return this.owner.key;
  }

  /** A folder as `latchkey init` makes it. All folders of a test process have the same workspace and owner. */
  static async init(): Promise<DataFolder> {
    initial ??= makeInitial();
    const { folder, owner } = await initial;
    const path = join(temporaryFolder(), 'data');
    mkdirSync(path, { mode: 0o700 });
    cpSync(folder, path, { recursive: true });
    return new DataFolder(path, owner);
  }

  /** The folder of another service: with a pepper, a workspace and an owner of its own. */
  static async initOther(): Promise<DataFolder> {
    const path = join(temporaryFolder(), 'data');
    return new DataFolder(path, await initialise(path));
  }

  /** Another folder, with the same owner. */
  at(path: string): DataFolder {
    return new DataFolder(path, this.owner);
  }

  file(name = 'latchkey.db'): string {
    return join(this.path, name);
  }

  run(command: string, ...args: string[]) {
    return runSpawned([command, ...args, '--data-dir', this.path]);
  }

  /** `run` in this process, which saves the start of another one: for what another test shows of a process of its own. */
  runHere(command: string, ...args: string[]): Promise<Ran> {
    return runCli([command, ...args, '--data-dir', this.path]);
  }

  runWith(env: NodeJS.ProcessEnv, command: string) {
    return runSpawned([command, '--data-dir', this.path], env);
  }

  async serve(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<RunningService> {
    const cli = spawnCli(['serve', '--port', '0', '--data-dir', this.path, ...args], env);
    const url = await cli.url();
    return {
      ...this.#calling(url),
      log: () => cli.stderr,
      async stop(signal = 'SIGTERM') {
        cli.process.kill(signal);
        return cli.exited;
      },
    };
  }

  /** A service over the folder in this process, until the end of the test: for what needs no process of its own. */
  async serveHere(): Promise<CalledService> {
    const service = await startService(loadConfig({}, { dataDir: this.path, port: '0', logLevel: 'silent' }));
    onTestFinished(() => service.close());
    return this.#calling(service.url);
  }

  #calling(url: string): CalledService {
    const api = new Latchkey({ url, key: this.ownerKey });
    const { userId } = this.owner;
    return {
      url,
      api,
      async createKey() {
        const { apiKey, key } = await api.keys.create({ name: 'k', userId, permissions: [] });
        return { id: apiKey.id, key: String(key) };
      },
      async alive(keys) {
        const verdicts = await Promise.all(keys.map((key) => api.keys.verify({ key })));
        return keys.filter((_, index) => verdicts[index]?.valid);
      },
    };
  }
}

import { execFile } from 'node:child_process';
import { appendFileSync, chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from './free-port.ts';

const VERSIONS = '/usr/lib/postgresql';
const USER = 'postgres';

/** The settings of every server. Each may become a primary with one standby. */
const SETTINGS = ['wal_level = replica', 'max_wal_senders = 5', 'hot_standby = on', 'max_connections = 60'];

/** The programs of the newest PostgreSQL that the system has. Throws if there is none. */
function programs(): string {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS).sort((a, b) => Number(b) - Number(a)) : [];
  const [newest] = versions;
  if (newest === undefined) throw new Error('this lab needs the package postgresql of Debian');
  return path.join(VERSIONS, newest, 'bin');
}

/** A server of PostgreSQL of the system, which survives crashes, in a folder of its own. */
export class DebianPostgres {
  readonly port: number;
  readonly #folder: string;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.port = port;
  }

  /** A running primary with an empty database of this name. */
  static async primary(database: string): Promise<DebianPostgres> {
    const server = await DebianPostgres.#at();
    await server.#run('initdb', ['--auth=trust', `--username=${USER}`]);
    await server.#configure();
    await server.#start();
    await server.query(`create database ${database}`);
    return server;
  }

  /** A running standby of this server. */
  async standby(): Promise<DebianPostgres> {
    const server = await DebianPostgres.#at();
    const from = ['--host=127.0.0.1', `--port=${this.port}`, `--username=${USER}`];
    await server.#run('pg_basebackup', [...from, '--write-recovery-conf', '--checkpoint=fast', '--no-sync']);
    await server.#configure();
    await server.#start();
    return server;
  }

  url(database: string): string {
    return `postgres://${USER}@127.0.0.1:${this.port}/${database}`;
  }

  async query(statement: string, database = USER): Promise<readonly Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: this.url(database) });
    await client.connect();
    try {
      return (await client.query(statement)).rows;
    } finally {
      await client.end();
    }
  }

  /** Commits wait from now on until the standby has them; or no longer. */
  async setSynchronous(isSynchronous: boolean): Promise<void> {
    await this.query(`alter system set synchronous_standby_names = '${isSynchronous ? '*' : ''}'`);
    await this.query('select pg_reload_conf()');
  }

  /** Ends the server as a crash does. */
  async crash(): Promise<void> {
    await this.#control('stop', '--mode=immediate');
  }

  /** Makes a standby the primary. Resolves when it takes changes. */
  async promote(): Promise<void> {
    await this.#control('promote');
  }

  /** Ends the server, if it runs, and deletes its folder. */
  async remove(): Promise<void> {
    await this.crash().catch(() => {});
    rmSync(this.#folder, { recursive: true, force: true });
  }

  static async #at(): Promise<DebianPostgres> {
    const folder = mkdtempSync(path.join(tmpdir(), 'latchkey-postgres-lab-'));
    chmodSync(folder, 0o700);
    if (isRoot()) {
      const [uid = 0, gid = 0] = (await idsOf(USER)) ?? [];
      chownSync(folder, uid, gid);
    }
    return new DebianPostgres(folder, await freePort());
  }

  async #configure(): Promise<void> {
    const own = [`port = ${this.port}`, "listen_addresses = '127.0.0.1'", "unix_socket_directories = ''"];
    const lines = [...SETTINGS, ...own];
    appendFileSync(path.join(this.#folder, 'postgresql.conf'), lines.map((line) => `${line}\n`).join(''));
  }

  async #start(): Promise<void> {
    await this.#control('start', `--log=${path.join(this.#folder, 'log')}`);
  }

  async #control(action: string, ...args: readonly string[]): Promise<void> {
    await this.#run('pg_ctl', [action, '--wait', ...args]);
  }

  /** The server does not run as root: then its programs run as the user `postgres`. */
  async #run(program: string, args: readonly string[]): Promise<void> {
    const command = [path.join(programs(), program), `--pgdata=${this.#folder}`, ...args];
    const [file = '', ...rest] = isRoot() ? ['runuser', '-u', USER, '--', ...command] : command;
    await promisify(execFile)(file, rest, { cwd: '/' });
  }
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

async function idsOf(user: string): Promise<number[]> {
  const ids = await Promise.all(['-u', '-g'].map((flag) => promisify(execFile)('id', [flag, user])));
  return ids.map(({ stdout }) => Number(stdout));
}

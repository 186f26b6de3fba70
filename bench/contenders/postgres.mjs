/** A server of PostgreSQL of the system, with its default settings: every commit is synced. */
import { execFile } from 'node:child_process';
import { appendFileSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../machine/ports.mjs';

const VERSIONS = '/usr/lib/postgresql';
const HOME = '/var/lib/postgresql';
const USER = 'postgres';

/** @returns {Promise<{ url: string, stop(): Promise<void> }>} with an empty database, which goes with the server */
export async function startPostgres() {
  const folder = mkdtempSync(path.join(tmpdir(), 'latchkey-bench-postgres-'));
  if (isRoot()) {
    const { uid, gid } = statSync(HOME);
    chownSync(folder, uid, gid);
  }
  const port = await freePort();
  await run(folder, 'initdb', ['--auth=trust', `--username=${USER}`]);
  const settings = [`port = ${port}`, "listen_addresses = '127.0.0.1'", "unix_socket_directories = ''"];
  appendFileSync(path.join(folder, 'postgresql.conf'), settings.map((line) => `${line}\n`).join(''));
  await run(folder, 'pg_ctl', ['start', '--wait', `--log=${path.join(folder, 'log')}`]);
  return {
    url: `postgres://${USER}@127.0.0.1:${port}/${USER}`,
    async stop() {
      await run(folder, 'pg_ctl', ['stop', '--wait', '--mode=immediate']);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The server does not run as root: then as the user `postgres`. @param {string} folder @param {string} program @param {string[]} args */
async function run(folder, program, args) {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS).sort((a, b) => Number(b) - Number(a)) : [];
  if (versions[0] === undefined) throw new Error('PostgreSQL is not installed');
  const command = [path.join(VERSIONS, versions[0], 'bin', program), `--pgdata=${folder}`, ...args];
  const [file = '', ...rest] = isRoot() ? ['runuser', '-u', USER, '--', ...command] : command;
  await promisify(execFile)(file, rest, { cwd: '/' });
}

const isRoot = () => process.getuid?.() === 0;

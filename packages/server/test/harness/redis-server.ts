import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './free-port.ts';

/** A Redis server of its own, on a free port. */
export interface RedisServer {
  readonly url: string;
  /** Deletes all data. */
  flush(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** After `kill`: on the same port, and empty. */
  restart(): Promise<void>;
  /** SIGSTOP and SIGCONT. */
  freeze(): void;
  thaw(): void;
  close(): Promise<void>;
}

const START_MS_MAX = 10_000;

/** Starts the `redis-server` of the machine. Rejects if there is none. */
export async function startRedis(): Promise<RedisServer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'latchkey-redis-'));
  const port = await freePort();
  let server = await launch(port, folder);
  const kill = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill('SIGKILL');
    await once(server, 'exit');
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    flush: () => command(port, 'FLUSHALL'),
    kill,
    async restart() {
      server = await launch(port, folder);
    },
    freeze: () => server.kill('SIGSTOP'),
    thaw: () => server.kill('SIGCONT'),
    async close() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function launch(port: number, dir: string): Promise<ChildProcess> {
  const settings = { port, dir, bind: '127.0.0.1', save: '', appendonly: 'no', daemonize: 'no' };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const server = spawn('redis-server', args, { stdio: 'ignore' });
  const failed = once(server, 'error').then(([error]) => {
    throw new Error('this test needs redis-server: apt-get install redis-server', { cause: error });
  });
  failed.catch(() => {});
  const ends = Date.now() + START_MS_MAX;
  const answers = async () => {
    while (Date.now() < ends) {
      if (
        await command(port, 'PING').then(
          () => true,
          () => false,
        )
      )
        return;
      await pause(10);
    }
    throw new Error('redis-server does not answer');
  };
  await Promise.race([answers(), failed]);
  return server;
}

async function command(port: number, text: string): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    socket.write(`${text}\r\n`);
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    if (!bytes.toString().startsWith('+')) throw new Error(bytes.toString());
  } finally {
    socket.destroy();
  }
}

/** nginx, which looks the credential up in a map and sends a fixed response: close to the most this machine can do. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { start, stop } from '../machine/processes.mjs';
import { findProgram } from '../machine/tools.mjs';

const nginx = findProgram('nginx');
export const hasNginx = nginx !== undefined;

/**
 * @param {readonly string[]} tokens the keys it knows
 * @param {string} answer
 * @returns {Promise<import('../machine/processes.mjs').Running>}
 */
export async function startNginx(tokens, answer) {
  const folder = mkdtempSync(path.join(tmpdir(), 'latchkey-bench-nginx-'));
  const port = await freePort();
  const file = path.join(folder, 'nginx.conf');
  writeFileSync(file, configuration(folder, port, tokens, answer), { mode: 0o600 });
  const child = start({
    command: nginx ?? '',
    args: ['-c', file, '-e', path.join(folder, 'error.log')],
    role: 'server',
  });
  await listening(child, port);
  return {
    pid: Number(child.pid),
    url: `http://127.0.0.1:${port}`,
    async stop() {
      await stop(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** @param {string} folder @param {number} port @param {readonly string[]} tokens @param {string} answer */
function configuration(folder, port, tokens, answer) {
  const known = tokens.map((token) => `    "Bearer ${token}" 1;`).join('\n');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `  ${name}_temp_path ${folder};`,
  );
  return `daemon off;
master_process off;
pid ${folder}/pid;
events { worker_connections 1024; }
http {
  access_log off;
  keepalive_requests 1000000000;
${temporary.join('\n')}
  map_hash_bucket_size 256;
  map_hash_max_size 8192;
  map $http_authorization $known {
    default 0;
${known}
  }
  server {
    listen 127.0.0.1:${port};
    default_type application/json;
    location / {
      if ($known = 0) { return 401; }
      return 200 '${answer}';
    }
  }
}
`;
}

/** Finds a free port: nginx cannot report which one it chose itself. */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

/** @param {import('node:child_process').ChildProcess} child @param {number} port */
async function listening(child, port) {
  while (child.exitCode === null) {
    const socket = connect(port, '127.0.0.1');
    const [event] = await Promise.race(
      ['connect', 'error'].map(async (name) => {
        await once(socket, name).catch(() => undefined);
        return [name];
      }),
    );
    socket.destroy();
    if (event === 'connect') return;
  }
  throw new Error('nginx did not start');
}

/** nginx, with a map of the keys and a fixed answer (close to the most this machine can do), and as a gateway. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../machine/ports.mjs';
import { start, stop, worksWith } from '../machine/processes.mjs';
import { findProgram } from '../machine/tools.mjs';

const nginx = findProgram('nginx');
export const hasNginx = nginx !== undefined;

/** The published configuration of a gateway. */
const GATEWAY = path.join(import.meta.dirname, '..', '..', 'deploy', 'gateways', 'nginx.conf');

/**
 * nginx that answers itself: it looks the key up in a map.
 * @param {readonly string[]} tokens the keys it knows
 * @param {string} answer
 */
export function startNginx(tokens, answer) {
  return run((port) => mapOfKeys(port, tokens, answer));
}

/**
 * nginx as a gateway with the published configuration, in front of an API that is a fixed answer of the same nginx.
 * @param {{ latchkey: string, verifier: string, asks: 'latchkey' | 'empty' | 'nothing' }} gateway `empty` asks a fixed answer
 *   of the same nginx instead, which lets every request pass; with `nothing`, every request passes without a question
 */
export async function startGateway({ latchkey, verifier, asks }) {
  const [apiPort, emptyPort] = [await freePort(), await freePort()];
  const gateway = await run((port, folder) => {
    writeFileSync(
      path.join(folder, 'latchkey-verifier.conf'),
      `proxy_set_header Latchkey-Verifier "${verifier}";`,
    );
    const asked = asks === 'empty' ? `127.0.0.1:${emptyPort}` : new URL(latchkey).host;
    const published = readFileSync(GATEWAY, 'utf8')
      .replace('127.0.0.1:7400', asked)
      .replace('127.0.0.1:3000', `127.0.0.1:${apiPort}`)
      .replace('listen 8080', `listen 127.0.0.1:${port}`);
    return `${asks === 'nothing' ? published.replace('auth_request /_latchkey;', '') : published}
server {
  listen 127.0.0.1:${apiPort};
  location / { return 200 '{}'; }
}
server {
  listen 127.0.0.1:${emptyPort};
  location / { return 204; }
}`;
  });
  if (asks === 'latchkey') worksWith(gateway.url, latchkey);
  return gateway;
}

/**
 * @param {(port: number, folder: string) => string} configure returns what nginx does for HTTP
 * @returns {Promise<import('../machine/processes.mjs').Running>}
 */
async function run(configure) {
  const folder = mkdtempSync(path.join(tmpdir(), 'latchkey-bench-nginx-'));
  const port = await freePort();
  const file = path.join(folder, 'nginx.conf');
  writeFileSync(file, configuration(folder, configure(port, folder)), { mode: 0o600 });
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

/** @param {number} port @param {readonly string[]} tokens @param {string} answer */
function mapOfKeys(port, tokens, answer) {
  const known = tokens.map((token) => `    "Bearer ${token}" 1;`).join('\n');
  return `  map_hash_bucket_size 256;
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
  }`;
}

/** @param {string} folder @param {string} http */
function configuration(folder, http) {
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
${http}
}
`;
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

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';

/** The published configurations of gateways, which the guides in docs/gateways show. */
const CONFIGS = fileURLToPath(new URL('../../../../deploy/gateways/', import.meta.url));
const INSTALL = 'apt-get install -y --no-install-recommends nginx-light caddy haproxy';
const READY_WITHIN_MS = 20_000;

export const GATEWAY_NAMES = ['nginx', 'Caddy', 'HAProxy'] as const;
export type GatewayName = (typeof GATEWAY_NAMES)[number];

/** What a gateway connects to. */
export interface Surroundings {
  readonly latchkeyPort: number;
  readonly apiPort: number;
  /** The gateway's own key. */
  readonly verifier: string;
}

/** A gateway with its published configuration, in which only ports are replaced. */
export interface Gateway {
  readonly name: GatewayName;
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts the real gateway. Rejects if it is not installed, or with its output if it does not start. */
export async function startGateway(name: GatewayName, around: Surroundings): Promise<Gateway> {
  const folder = mkdtempSync(join(tmpdir(), `latchkey-${name.toLowerCase()}-`));
  const port = await freePort();
  const config = (file: string): string =>
    readFileSync(join(CONFIGS, file), 'utf8')
      .replaceAll('127.0.0.1:7400', `127.0.0.1:${around.latchkeyPort}`)
      .replaceAll('127.0.0.1:3000', `127.0.0.1:${around.apiPort}`)
      .replaceAll('8080', String(port));
  const [program, ...args] = LAUNCHES[name](folder, config, around.verifier);
  requireProgram(program);
  const environment = { PATH: process.env.PATH ?? '', HOME: folder, LATCHKEY_VERIFIER: around.verifier };
  const child = spawn(program, args, { cwd: folder, env: environment });
  const exited = once(child, 'close');
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
    rmSync(folder, { recursive: true });
  };
  try {
    await isListening(child, port);
    return { name, port, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Command = readonly [program: string, ...args: string[]];

/** Writes the configuration into a folder, and returns the command that runs the gateway with it. */
const LAUNCHES: Readonly<
  Record<GatewayName, (folder: string, config: (file: string) => string, verifier: string) => Command>
> = {
  nginx(folder, config, verifier) {
    mkdirSync(join(folder, 'temp'));
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (kind) => `${kind}_temp_path ${folder}/temp/${kind};`,
    );
    const main = [
      `daemon off; master_process off; pid ${folder}/pid; error_log stderr crit; events {}`,
      `http { access_log off; ${temporary.join(' ')} include ${folder}/latchkey.conf; }`,
    ];
    writeFileSync(join(folder, 'nginx.conf'), main.join('\n'));
    writeFileSync(join(folder, 'latchkey.conf'), config('nginx.conf'));
    writeFileSync(
      join(folder, 'latchkey-verifier.conf'),
      `proxy_set_header Latchkey-Verifier "${verifier}";`,
    );
    return ['nginx', '-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'];
  },
  Caddy(folder, config) {
    const options = '{\n\tadmin off\n\tauto_https off\n}\n';
    writeFileSync(join(folder, 'Caddyfile'), options + config('Caddyfile'));
    return ['caddy', 'run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile'];
  },
  HAProxy(folder, config) {
    copyFileSync(join(CONFIGS, 'latchkey.lua'), join(folder, 'latchkey.lua'));
    const text = config('haproxy.cfg').replaceAll('/etc/haproxy', folder);
    writeFileSync(join(folder, 'haproxy.cfg'), text);
    return ['haproxy', '-db', '-f', join(folder, 'haproxy.cfg')];
  },
};

function requireProgram(program: string): void {
  const { error } = spawnSync(program, [program === 'caddy' ? 'version' : '-v']);
  if (error) throw new Error(`${program} is not installed. Install all gateways: ${INSTALL}`);
}

async function isListening(child: ChildProcess, port: number): Promise<void> {
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!(await accepts(port))) {
    if (child.exitCode === null && Date.now() < deadline) await sleep(20);
    else throw new Error(`${child.spawnfile} did not start:\n${output}`);
  }
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** A request that reached the API behind a gateway. */
export interface ReachedRequest {
  readonly method: string;
  readonly target: string;
  /** Name and value of each field, as they were sent. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** An API that answers each request with 200, and records it. */
export interface RecordingApi {
  readonly port: number;
  /** The requests since the last call of this method. */
  take(): ReachedRequest[];
  close(): Promise<void>;
}

export async function startRecordingApi(): Promise<RecordingApi> {
  let reached: ReachedRequest[] = [];
  const server: Server = createServer(({ method = '', url = '', rawHeaders }, response) => {
    const fields = rawHeaders.flatMap((name, at) =>
      at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? ''] as const] : [],
    );
    reached.push({ method, target: url, fields });
    response.end('"API"');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    take() {
      const taken = reached;
      reached = [];
      return taken;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the ports that systems give to outgoing connections (from 32,768 on Linux, from 49,152 elsewhere): such a
 * connection could take a port after this function has found it free.
 */
const FIRST_PORT = 10_000;
const LAST_PORT = 32_767;

/** The first of `count` successive ports of 127.0.0.1 on which nothing listens now. */
export async function freePort(count = 1): Promise<number> {
  const port = randomInt(FIRST_PORT, LAST_PORT - count + 2);
  for (let next = port; next < port + count; next++) {
    if (!(await isFree(next))) return freePort(count);
  }
  return port;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}

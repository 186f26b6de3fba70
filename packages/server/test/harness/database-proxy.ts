import { connect, createServer, type Socket } from 'node:net';

/** What happens to a commit: its answer is lost, or the commit itself, or with its answer every connection, as by `cut`. */
type Fault = 'answer lost' | 'commit lost' | 'server lost' | null;

/** Between a service and its server of PostgreSQL: cuts connections where a test says so. */
export interface DatabaseProxy {
  readonly url: string;
  /** The fault of the next commit, which ends its connection. */
  failNextCommit(fault: Fault): void;
  /** Ends all connections, and denies new ones until `restore`. */
  cut(): void;
  restore(): void;
  close(): Promise<void>;
}

export async function startDatabaseProxy(databaseUrl: string): Promise<DatabaseProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let fault: Fault = null;
  let isCut = false;
  const cut = () => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  // Without delay, as the driver sends: else each small message waits up to 40 ms for an acknowledgement.
  const server = createServer({ noDelay: true }, (client) => {
    if (isCut) return void client.destroy();
    const upstream = connect({ port: Number(target.port), host: target.hostname, noDelay: true });
    const end = () => {
      for (const socket of [client, upstream]) socket.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', end);
      socket.on('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    let isMute = false;
    client.on('data', (bytes) => {
      const found = bytes.includes('; commit') ? fault : null;
      if (found) fault = null;
      if (found === 'commit lost') return end();
      isMute ||= found !== null;
      upstream.write(bytes);
      if (found === 'server lost') cut();
    });
    upstream.on('data', (bytes) => {
      if (isMute) end();
      else client.write(bytes);
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const url = new URL(databaseUrl);
  url.port = String(typeof address === 'object' ? address?.port : '');
  return {
    url: url.href,
    failNextCommit(next) {
      fault = next;
    },
    cut,
    restore() {
      isCut = false;
    },
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

import type { Server as HttpServer, IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { newestAnswer, owesAnswer } from './parser-errors.ts';

/** Milliseconds after the start of the stop during which idle connections stay open. */
const LINGER_MS = 500;
/** Milliseconds after the start of the stop when all connections are closed. Longer than a call may wait for admission. */
const DRAIN_MAX_MS = 7_000;
/** The most turns of the event loop for accepting connections from the backlog, since new ones may arrive without end. */
const ACCEPTING_TURNS_MAX = 100;
/** Milliseconds between two checks of the open connections. */
const LOOK_MS = 20;

/** Bytes that a connection had received when its last answer was sent. */
const settledBytes = new WeakMap<Socket, number>();

/**
 * Ends the connections of a server without cutting a request. From `run` on every answer asks its client to close the
 * connection. An idle connection is ended after half a second, by FIN, so that a request in transit is still
 * answered. A connection whose request has begun to arrive stays open until the answer is sent or seven seconds have passed.
 */
export class Drain {
  readonly #delayMs: number;
  readonly #open = new Set<Socket>();
  readonly #askedToClose = new WeakSet<ServerResponse>();
  #isDraining = false;
  #hasListened = false;

  /** `delayMs`: how long `run` changes nothing, so that load balancers notice that the service is not ready. */
  constructor(delayMs = 0) {
    this.#delayMs = delayMs;
  }

  /** Passes on every request, except those that arrive after FIN was sent: their answers could not be delivered. */
  listener(next: RequestListener): RequestListener {
    return (request, response) => {
      if (request.socket.writableEnded) return;
      response.on('close', settle);
      if (this.#isDraining) this.#askToClose(request, response);
      next(request, response);
    };
  }

  watch(server: HttpServer): void {
    server.once('listening', () => {
      this.#hasListened = true;
    });
    server.on('connection', (socket: Socket) => {
      this.#open.add(socket);
      socket.once('close', () => this.#open.delete(socket));
    });
  }

  /**
   * Resolves when no connection is open, which takes seven seconds at most after the delay. The server accepts none after
   * half a second. There is no delay if the server has never listened.
   */
  async run(server: HttpServer): Promise<void> {
    if (this.#delayMs > 0 && this.#hasListened) await sleep(this.#delayMs);
    const begun = performance.now();
    const since = () => performance.now() - begun;
    this.#isDraining = true;
    for (const socket of this.#open) this.#ask(newestAnswer(socket));
    await acceptWaiting(server);
    while (this.#open.size > 0 && since() < LINGER_MS) await sleep(LOOK_MS);
    await acceptWaiting(server);
    if (server.listening) stopAccepting(server);
    while (this.#open.size > 0 && since() < DRAIN_MAX_MS) {
      await this.#endIdle();
      await sleep(LOOK_MS);
    }
    for (const socket of this.#open) socket.destroy();
  }

  /** All pipelined requests are answered, and the last answer closes the connection. */
  #askToClose({ socket }: IncomingMessage, response: ServerResponse): void {
    const before = newestAnswer(socket);
    if (before && this.#askedToClose.has(before) && !before.headersSent) before.shouldKeepAlive = true;
    this.#ask(response);
  }

  #ask(response: ServerResponse | undefined): void {
    if (!response?.shouldKeepAlive || response.headersSent) return;
    response.shouldKeepAlive = false;
    this.#askedToClose.add(response);
  }

  /**
   * Ends one connection in each turn of the event loop, since each turn first reads all input: so a request that
   * has begun to arrive is not missed.
   */
  async #endIdle(): Promise<void> {
    for (const socket of this.#open) {
      await nextTurn();
      if (isIdle(socket)) socket.end();
    }
  }
}

/** Are all requests of the connection answered? */
function isIdle(socket: Socket): boolean {
  const hasBegun = socket.bytesRead > (settledBytes.get(socket) ?? 0);
  return !hasBegun && !owesAnswer(socket) && !socket.writableEnded;
}

/** A listener shared by all answers, which is cheaper than a closure per answer. */
function settle(this: ServerResponse): void {
  const { socket } = this.req;
  settledBytes.set(socket, socket.bytesRead);
}

/** Stops listening. Unlike `close` of an HTTP server it does not close idle connections. */
function stopAccepting(server: HttpServer): void {
  NetServer.prototype.close.call(server);
}

/** Accepts the connections in the backlog. Call it before the listener is closed, which resets them. */
export async function acceptWaiting(server: NetServer): Promise<void> {
  let accepted = 0;
  const count = () => {
    accepted++;
  };
  server.on('connection', count);
  for (let turns = 0, before = -1; turns < ACCEPTING_TURNS_MAX && accepted !== before; turns++) {
    before = accepted;
    await nextTurn();
    await nextTurn();
  }
  server.off('connection', count);
}

import type { Server as HttpServer, IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { newestAnswer, owesAnswer } from './client-error.ts';

/** Milliseconds after the stop began during which connections without a request stay open for one. */
const LINGER_MS = 500;
/** Milliseconds after the stop began at which all connections are cut. Longer than a call may wait for its turn. */
const DRAIN_MAX_MS = 7_000;
/** Turns of the event loop in which connections that wait to be accepted are accepted: without end more may come. */
const ACCEPTING_TURNS_MAX = 100;
/** Milliseconds between two looks at what is still open. */
const LOOK_MS = 20;

/** Bytes that a connection had received when its last answer was out. */
const settledBytes = new WeakMap<Socket, number>();

/**
 * Ends the connections of a server without cutting a request. From `run` on every answer asks its client to close the
 * connection. A connection without a request is ended only after a while, by FIN, so that a request which was on its way
 * is answered; one whose request has begun to arrive is left until it is answered or the time is over.
 */
export class Drain {
  readonly #open = new Set<Socket>();
  readonly #askedToClose = new WeakSet<ServerResponse>();
  #isDraining = false;
  /** Connections, since the start. */
  #accepted = 0;

  /** Passes on every request, but for those that come after we have sent FIN: nobody would get their answers. */
  listener(next: RequestListener): RequestListener {
    return (request, response) => {
      if (request.socket.writableEnded) return;
      response.on('close', settle);
      if (this.#isDraining) this.#askToClose(request, response);
      next(request, response);
    };
  }

  watch(server: HttpServer): void {
    server.on('connection', (socket: Socket) => {
      this.#accepted++;
      this.#open.add(socket);
      socket.once('close', () => this.#open.delete(socket));
    });
  }

  /** Resolves when no connection is open, which takes seven seconds at most. The server accepts none after half a second. */
  async run(server: HttpServer): Promise<void> {
    const begun = performance.now();
    const since = () => performance.now() - begun;
    this.#isDraining = true;
    for (const socket of this.#open) this.#ask(newestAnswer(socket));
    await this.#acceptWaiting();
    while (this.#open.size > 0 && since() < LINGER_MS) await sleep(LOOK_MS);
    await this.#acceptWaiting();
    if (server.listening) stopAccepting(server);
    while (this.#open.size > 0 && since() < DRAIN_MAX_MS) {
      await this.#endIdle();
      await sleep(LOOK_MS);
    }
    for (const socket of this.#open) socket.destroy();
  }

  /** The end of the listener resets what the system has connected and the server has not accepted yet. */
  async #acceptWaiting(): Promise<void> {
    for (let turns = 0; turns < ACCEPTING_TURNS_MAX; turns++) {
      const accepted = this.#accepted;
      await nextTurn();
      await nextTurn();
      if (this.#accepted === accepted) return;
    }
  }

  /** Of several requests that were sent at once all are answered, and the last answer ends the connection. */
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
   * One in each turn of the event loop, in which all that had arrived was read just before: so no request that had begun to
   * arrive is overlooked.
   */
  async #endIdle(): Promise<void> {
    for (const socket of this.#open) {
      await nextTurn();
      if (isIdle(socket)) socket.end();
    }
  }
}

/** Has everything that arrived been answered? */
function isIdle(socket: Socket): boolean {
  const hasBegun = socket.bytesRead > (settledBytes.get(socket) ?? 0);
  return !hasBegun && !owesAnswer(socket) && !socket.writableEnded;
}

/** For every answer: one function for all costs each of them less than one of its own. */
function settle(this: ServerResponse): void {
  const { socket } = this.req;
  settledBytes.set(socket, socket.bytesRead);
}

/** Unlike `close` of an HTTP server it leaves open connections alone. */
function stopAccepting(server: HttpServer): void {
  NetServer.prototype.close.call(server);
}

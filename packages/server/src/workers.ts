import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config } from './config/config.ts';
import { OperatorError } from './domain/shared/operator-error.ts';
import { listenProblem } from './free-port.ts';
import { acceptWaiting } from './http/connections/drain.ts';
import { listeningUrl } from './http/server.ts';
import { createLogger } from './log-output.ts';
import { engineFor } from './storage/engines/registry.ts';
import { CONNECTION, READY, STOP, type WorkerRole } from './worker-process.ts';

/** Milliseconds before a worker that has ended is started again: doubled with each end, up to the maximum. */
const RESTART_MS = 100;
const RESTART_MS_MAX = 30_000;
/** A worker that ends after this time is started again as if it was its first end. */
const STABLE_MS = 60_000;
/** Milliseconds in which the last messages of a worker that has ended arrive: a connection that it has taken is not passed again. */
const LAST_MESSAGES_MS = 100;
/** The maximum number of connections that wait while no worker is ready. */
const WAITING_MAX = 1_000;

/** A service of several processes. */
export interface Workers {
  /** As `Service.url`. */
  readonly url: string;
  /** Ends the workers, without cutting a request. */
  close(): Promise<void>;
}

/** Throws OperatorError if the database can be used by one process only. */
export function requireSharedDatabase({ databaseUrl }: Config): void {
  if (engineFor(databaseUrl).fileOf(databaseUrl) === null) return;
  throw new OperatorError(
    '--workers needs PostgreSQL, because SQLite allows one process only. Set DATABASE_URL=postgres://…, or leave out --workers',
  );
}

/**
 * Listens, and starts this program again as `count` workers, each with `args` of its role. Connections are passed to them in
 * turn. Resolves when all are ready. A worker that ends later is started again. Throws OperatorError if one ends before it is
 * ready; no worker then stays.
 */
export async function startWorkers(
  config: Config,
  count: number,
  args: (role: WorkerRole) => readonly string[],
): Promise<Workers> {
  requireSharedDatabase(config);
  const pool = new WorkerPool(createLogger(config.logLevel), args);
  // Paused, so that no byte is read here.
  const server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) =>
    pool.pass(socket.on('error', () => {})),
  );
  const { host, port } = config;
  try {
    await once(server.listen({ host, port }), 'listening');
  } catch (error) {
    throw listenProblem(error, config);
  }
  try {
    await pool.start(count, listeningUrl(server));
  } catch (error) {
    await pool.stop();
    server.close();
    throw error;
  }
  return {
    url: listeningUrl(server),
    async close() {
      await acceptWaiting(server);
      server.close();
      await pool.stop();
    },
  };
}

/** A worker process, and the connections that were passed to it and that it has not taken yet, by number. */
interface Worker {
  readonly process: ChildProcess;
  readonly passed: Map<number, Socket>;
}

/** The worker processes, each with a number. */
class WorkerPool {
  readonly #logger: Logger;
  readonly #args: (role: WorkerRole) => readonly string[];
  /** The workers that take connections, the next one first. */
  #ready: Worker[] = [];
  readonly #all = new Set<ChildProcess>();
  /** Connections for the next worker that is ready. */
  readonly #waiting: Socket[] = [];
  readonly #stopping = new AbortController();
  #restarts: Promise<void>[] = [];
  #connections = 0;

  constructor(logger: Logger, args: (role: WorkerRole) => readonly string[]) {
    this.#logger = logger;
    this.#args = args;
  }

  async start(count: number, url: string): Promise<void> {
    const roles = Array.from({ length: count }, (_, index) => ({ number: index + 1, url }));
    const workers = roles.map((role) => this.#launch(role));
    const started = await Promise.all(workers.map(isReady));
    const failed = started.indexOf(false);
    if (failed >= 0)
      throw new OperatorError(`worker ${failed + 1} ended before it was ready; see its error above`);
    this.#restarts = roles.map((role, index) => this.#watch(role, workers[index] as ChildProcess));
  }

  /** Passes a connection to a worker, which gets its own copy of it. */
  pass(socket: Socket): void {
    if (this.#stopping.signal.aborted) return void socket.destroy();
    const worker = this.#next();
    if (worker) {
      const id = ++this.#connections;
      worker.passed.set(id, socket);
      // A failure ends the worker too, and then its connections are passed to another one.
      worker.process.send({ [CONNECTION]: id }, socket, { keepOpen: true }, () => {});
    } else if (this.#waiting.length >= WAITING_MAX) socket.destroy();
    else this.#waiting.push(socket);
  }

  /** Resolves when all workers have ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const socket of this.#waiting) socket.destroy();
    const ends = [...this.#all].map((worker) => once(worker, 'exit'));
    // After the connections that were sent before.
    for (const worker of this.#all) if (worker.connected) worker.send(STOP, () => {});
    await Promise.all([...ends, ...this.#restarts]);
  }

  /** In turn, but a worker that does not take its connections gets no further ones while others do. */
  #next(): Worker | undefined {
    const fewest = Math.min(...this.#ready.map(({ passed }) => passed.size));
    const index = this.#ready.findIndex(({ passed }) => passed.size === fewest);
    const [worker] = index < 0 ? [] : this.#ready.splice(index, 1);
    if (worker) this.#ready.push(worker);
    return worker;
  }

  #launch(role: WorkerRole): ChildProcess {
    const [program = '', ...args] = process.argv.slice(1);
    const child = fork(program, [...args, ...this.#args(role)]);
    const worker: Worker = { process: child, passed: new Map() };
    this.#all.add(child);
    child.on('message', (message) => {
      if (message === READY) this.#addReady(worker);
      else this.#endCopy(worker, Number(message));
    });
    child.once('exit', () => {
      this.#all.delete(child);
      this.#ready = this.#ready.filter((each) => each !== worker);
      setTimeout(() => this.#passAgain(worker), LAST_MESSAGES_MS);
    });
    // A message that could not be sent.
    child.on('error', () => {});
    return child;
  }

  #addReady(worker: Worker): void {
    this.#ready.push(worker);
    for (const socket of this.#waiting.splice(0)) this.pass(socket);
  }

  /** Not 'disconnect', which Node does not emit if the worker has ended in the middle of a message. */
  #passAgain({ passed }: Worker): void {
    for (const socket of passed.values()) this.pass(socket);
    passed.clear();
  }

  /** The worker has taken the connection: the copy of this process is closed, which does not end the connection. */
  #endCopy({ passed }: Worker, id: number): void {
    passed.get(id)?.destroy();
    passed.delete(id);
  }

  /** Starts the worker again whenever it ends. */
  async #watch(role: WorkerRole, first: ChildProcess): Promise<void> {
    const { signal } = this.#stopping;
    let restMs = RESTART_MS;
    for (let worker = first; ; worker = this.#launch(role)) {
      const startedAt = performance.now();
      if (worker.exitCode === null && worker.signalCode === null) await once(worker, 'exit');
      if (signal.aborted) return;
      if (performance.now() - startedAt > STABLE_MS) restMs = RESTART_MS;
      const { exitCode, signalCode } = worker;
      const fields = { worker: role.number, code: exitCode, signal: signalCode, restartsInMs: restMs };
      this.#logger.error(fields, 'a worker ended and is started again');
      await pause(restMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      restMs = Math.min(2 * restMs, RESTART_MS_MAX);
    }
  }
}

/** False if the worker ends before it is ready. */
function isReady(worker: ChildProcess): Promise<boolean> {
  return new Promise((resolve) => {
    worker.once('message', () => resolve(true));
    worker.once('exit', () => resolve(false));
  });
}

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../../domain/shared/app-error.ts';
import { type Outcome, type SqliteExecutor, type Statement, translated } from './executor.ts';
import type { Call, Opening, Reply } from './worker.mjs';

/** Calls that may wait for their answer. Beyond that it would come too late for whoever asked. */
const WAITING_MAX = 2_000;

interface Waiting {
  resolve(outcome: Outcome): void;
  reject(error: unknown): void;
}

/** A connection in a thread of its own, so that neither a long query nor the disk holds up this one. */
export class SqliteThread implements SqliteExecutor {
  /** Resolves with the reason where the thread ends unasked; it does not come back. */
  readonly lost: Promise<Error>;
  readonly #worker: Worker;
  readonly #ended: Promise<Error>;
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;
  #isClosing = false;
  #failure: AppError | null = null;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (reply: Reply) => this.#settle(reply));
    this.#ended = endOf(worker);
    this.lost = new Promise((resolve) => {
      void this.#ended.then((reason) => {
        this.#rejectAll(reason);
        if (!this.#isClosing) resolve(reason);
      });
    });
  }

  /** Resolves with the connection open; throws why it cannot be opened. */
  static async start(opening: Opening): Promise<SqliteThread> {
    const thread = new SqliteThread(
      new Worker(new URL('./worker.mjs', import.meta.url), { workerData: opening }),
    );
    await thread.run([]).catch((error: Error) => {
      throw error.cause;
    });
    return thread;
  }

  /** As the port says. UNAVAILABLE once the thread has ended, and where too many calls wait already. */
  run(statements: readonly Statement[]): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      if (this.#failure) throw this.#failure;
      if (this.#waiting.size >= WAITING_MAX) throw new AppError('UNAVAILABLE');
      const id = ++this.#calls;
      this.#worker.postMessage({ id, statements } satisfies Call);
      this.#waiting.set(id, { resolve, reject });
    });
  }

  async close(): Promise<void> {
    if (!this.#isClosing) this.#worker.postMessage(null satisfies Call);
    this.#isClosing = true;
    await this.#ended;
  }

  #settle({ id, answers, failed }: Reply): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.resolve(failed ? { answers, failure: translated(errorOf(failed)) } : { answers });
  }

  #rejectAll(cause: Error): void {
    this.#failure = new AppError('UNAVAILABLE', { cause });
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }
}

/** Why the thread has ended, in its own words where it has some. */
async function endOf(worker: Worker): Promise<Error> {
  try {
    const [code] = await once(worker, 'exit');
    return new Error(`a thread of the database ended with code ${code}`);
  } catch (error) {
    return error as Error;
  }
}

function errorOf({ message, errcode }: { message: string; errcode: unknown }): Error {
  return Object.assign(new Error(message), { errcode });
}

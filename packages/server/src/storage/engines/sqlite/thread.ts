import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../../domain/shared/app-error.ts';
import { callEnded } from '../engine.ts';
import { AnswerLost, type Outcome, type SqliteExecutor, type Statement, translated } from './executor.ts';
import type { Message, Opening, Reply } from './worker.mjs';

/** The maximum number of queued calls. The answer of a further call would come too late for its caller. */
const WAITING_MAX = 2_000;

/** The maximum number of calls sent to the thread. Few, since a sent call cannot be dropped; two keep the thread busy. */
const SENT_MAX = 4;

interface Call {
  readonly statements: readonly Statement[];
  readonly signal: AbortSignal | undefined;
  resolve(outcome: Outcome): void;
  reject(error: unknown): void;
}

const CLOSE = null;

/** A connection in a separate thread, so that neither a long query nor the disk blocks this one. */
export class SqliteThread implements SqliteExecutor {
  /** Resolves with the reason if the thread ends without `close`. It is not restarted. */
  readonly lost: Promise<Error>;
  readonly #worker: Worker;
  readonly #ended: Promise<Error>;
  /** Not sent yet, the oldest first. */
  #queued: (Call | typeof CLOSE)[] = [];
  /** Sent and not answered, by id. */
  readonly #sent = new Map<number, Call>();
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

  /** Resolves when the connection is open; throws the reason if it cannot be opened. */
  static async start(opening: Opening): Promise<SqliteThread> {
    const thread = new SqliteThread(
      new Worker(new URL('./worker.mjs', import.meta.url), { workerData: opening }),
    );
    await thread.run([]).catch((error: Error) => {
      throw error.cause;
    });
    return thread;
  }

  /** As in `SqliteExecutor`. Throws UNAVAILABLE after `denyCalls`, after the thread has ended, and if the queue is full. */
  run(statements: readonly Statement[], signal?: AbortSignal): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      if (this.#failure) throw this.#failure;
      if (this.#queued.length >= WAITING_MAX) throw new AppError('UNAVAILABLE');
      this.#queued.push({ statements, signal, resolve, reject });
      this.#sendQueued();
    });
  }

  /** From now on, calls are UNAVAILABLE. */
  denyCalls(): void {
    this.#failure ??= new AppError('UNAVAILABLE');
  }

  async close(): Promise<void> {
    if (!this.#isClosing) this.#queued.push(CLOSE);
    this.#isClosing = true;
    this.#sendQueued();
    await this.#ended;
  }

  #sendQueued(): void {
    while (this.#sent.size < SENT_MAX) {
      const call = this.#queued.shift();
      if (call === undefined) return;
      if (call === CLOSE) this.#worker.postMessage(null satisfies Message);
      else if (call.signal?.aborted) call.reject(callEnded());
      else this.#send(call);
    }
  }

  #send(call: Call): void {
    const id = ++this.#calls;
    this.#worker.postMessage({ id, statements: call.statements } satisfies Message);
    this.#sent.set(id, call);
  }

  #settle({ id, answers, failed }: Reply): void {
    const call = this.#sent.get(id);
    this.#sent.delete(id);
    call?.resolve(failed ? { answers, failure: translated(errorOf(failed)) } : { answers });
    this.#sendQueued();
  }

  #rejectAll(cause: Error): void {
    this.#failure = new AppError('UNAVAILABLE', { cause });
    for (const { reject } of this.#sent.values()) reject(new AnswerLost(cause));
    for (const call of this.#queued.splice(0)) call?.reject(this.#failure);
    this.#sent.clear();
  }
}

/** Resolves when the thread has ended: with its error, or with one that has its exit code. */
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

import type { IncomingMessage } from 'node:http';

const works = new WeakMap<IncomingMessage, CallWork>();

/** Why a read is dropped. One for all: to make an error for each call would cost more than it says. */
const ENDED = new Error('the call has ended');

/**
 * The work that one call causes, which may last longer than its connection: `end` is called once the exchange is over and all
 * that was held has settled.
 */
export class CallWork {
  readonly #end: () => void;
  readonly #abort = new AbortController();
  /** The exchange, and what is held. */
  #open = 1;

  constructor(end: () => void = () => {}) {
    this.#end = end;
  }

  /** Aborted once nobody waits for the answer: the call may read nothing more. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Counts as work of the call until the promise has settled. */
  hold<T>(work: Promise<T>): Promise<T> {
    this.#open++;
    const release = () => this.#release();
    work.then(release, release);
    return work;
  }

  /** The answer is given, or nobody waits for it any longer. */
  abort(): void {
    this.#abort.abort(ENDED);
  }

  /** The exchange is over: the answer is out, or its connection closed. To be called once. */
  endExchange(): void {
    this.abort();
    this.#release();
  }

  #release(): void {
    if (--this.#open === 0) this.#end();
  }
}

export function setWork(request: IncomingMessage, work: CallWork): void {
  works.set(request, work);
}

/** The work of a request; of one that needs no place, work that nothing waits for. */
export function workOf(request: IncomingMessage): CallWork {
  const known = works.get(request);
  if (known) return known;
  const work = new CallWork();
  works.set(request, work);
  return work;
}

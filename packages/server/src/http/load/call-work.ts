import { channel } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

const works = new WeakMap<IncomingMessage, CallWork>();

/** The reason of every abort. It is shared, since an error per call would cost time and say nothing more. */
const ENDED = new Error('the call has ended');

/**
 * The work of one call, which may last longer than its connection: `end` is called once the exchange has ended and all
 * held promises have settled, or the call has freed its place.
 */
export class CallWork {
  readonly #end: () => void;
  /** Made at the first use, since most calls never read the signal. */
  #controller: AbortController | null = null;
  #isAborted = false;
  #isFree = false;
  /** The number of held promises, plus one for the exchange. */
  #open = 1;

  constructor(end: () => void = () => {}) {
    this.#end = end;
  }

  /** Aborted once the client no longer waits for the answer: the call must not start another read. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#isAborted) this.#controller.abort(ENDED);
    return this.#controller.signal;
  }

  /** Counts as work of the call until the promise has settled. */
  hold<T>(work: Promise<T>): Promise<T> {
    this.#open++;
    const release = () => this.#release();
    work.then(release, release);
    return work;
  }

  /** Ends the work early: what follows in the call only waits. */
  free(): void {
    if (this.#isFree) return;
    this.#isFree = true;
    this.#end();
  }

  /** Aborts the signal: the answer is given, or the client no longer waits for it. */
  abort(): void {
    this.#isAborted = true;
    this.#controller?.abort(ENDED);
  }

  /** Ends the exchange: the answer is sent, or the connection is closed. Must be called once. */
  endExchange(): void {
    this.abort();
    this.#release();
  }

  #release(): void {
    if (--this.#open === 0) this.free();
  }
}

/** The work of an admitted request, whose exchange ends when the answer is sent or the connection closes. */
export function startWork(response: ServerResponse, end: () => void): CallWork {
  const work = new CallWork(end);
  works.set(response.req, work);
  onExchangeEnd(response, () => work.endExchange());
  return work;
}

/** The pending exchanges of each connection. */
const open = new WeakMap<Socket, Set<() => void>>();

/** Calls `end` once, when the answer is sent or the connection closes. Node reports the close to the first answer only. */
function onExchangeEnd(response: ServerResponse, end: () => void): void {
  const { socket } = response.req;
  const ends = open.get(socket) ?? watched(socket);
  ends.add(end);
  response.once('finish', () => {
    if (ends.delete(end)) end();
  });
}

function watched(socket: Socket): Set<() => void> {
  const ends = new Set<() => void>();
  open.set(socket, ends);
  socket.once('close', () => {
    for (const end of ends) end();
    ends.clear();
  });
  return ends;
}

/** The work of a request; for a request without admission, a new object that is not observed. */
export function workOf(request: IncomingMessage): CallWork {
  const known = works.get(request);
  if (known) return known;
  const work = new CallWork();
  works.set(request, work);
  return work;
}

/** Work that was done without yielding to the event loop. A missing field counts as 0. */
interface WorkDone {
  /** Bytes of parsed bodies. */
  readonly bytes?: number;
  /** Values in the parsed bodies. */
  readonly values?: number;
  /** Error objects of validation. */
  readonly errors?: number;
  /** Verified keys of a `verify-many` call. */
  readonly checks?: number;
}

const workDone = channel('latchkey:work');

/** Publishes work whose size clients control on a diagnostics channel, to measure the work per turn of the event loop. */
export function reportWork(work: WorkDone): void {
  if (workDone.hasSubscribers) workDone.publish(work);
}

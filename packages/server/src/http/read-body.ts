import type { IncomingMessage } from 'node:http';
import { AppError } from '../domain/shared/app-error.ts';
import type { BodyBudget } from './body-budget.ts';
import { endConnection } from './client-error.ts';

/** Bytes of a body that is sent to a page, which reads none. */
export const PAGE_BODY_LIMIT_BYTES = 1_024;
/** Milliseconds for a whole body: no longer is any of it kept for a client that sends slowly. */
const BODY_MS_MAX = 5_000;
/** Bytes that are kept at first of a body that comes in several pieces. */
const FIRST_PIECE = 4_096;

const EMPTY = Buffer.alloc(0);

const TOO_MANY_BYTES = 'Too many request bodies are being read; nothing was done';
const TOO_SLOW = 'The request body took too long to arrive';

/** A body that is in. Its bytes count in the budget until `close`. */
export interface ReadBody {
  /** Longer than the limit where the body is: it was not read to its end then. */
  readonly bytes: Buffer;
  close(): void;
}

const bodies = new WeakMap<IncomingMessage, ReadBody>();

/** Keeps the body of a request for its route. */
export function setBody(request: IncomingMessage, body: ReadBody): void {
  bodies.set(request, body);
}

/** The body of a request that is in already. */
export function bodyOf(request: IncomingMessage): ReadBody | undefined {
  return bodies.get(request);
}

/** The request was answered on its connection, which closes: nothing is left to do. */
export class ConnectionEnded extends Error {}

/** Does the request have a body, as its head says? */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

interface Reading {
  readonly budget: BodyBudget;
  /** By which the budget is shared. */
  readonly className: string;
  readonly limitBytes: number;
}

/**
 * Reads the whole body, within a budget and in a short time. Rejects with ConnectionEnded where either has no room for it, once
 * the client was told so, and with REQUEST_MALFORMED where the client has gone away.
 */
export function readBody(
  request: IncomingMessage,
  { budget, className, limitBytes }: Reading,
): Promise<ReadBody> {
  return new Promise((resolve, reject) => {
    if (request.destroyed) throw new AppError('REQUEST_MALFORMED');
    const pieces = new Pieces(Number(request.headers['content-length']));
    const account = budget.open(className, () => deny('UNAVAILABLE', TOO_MANY_BYTES));
    const deadline = setTimeout(() => deny('REQUEST_MALFORMED', TOO_SLOW), BODY_MS_MAX);
    const settle = () => {
      clearTimeout(deadline);
      request.off('data', add).off('end', end).off('error', gone).off('close', gone);
    };
    const deny = (code: 'UNAVAILABLE' | 'REQUEST_MALFORMED', message: string) => {
      settle();
      account.close();
      refuseRest(request, new AppError(code, { message }));
      reject(new ConnectionEnded());
    };
    const add = (piece: Buffer) => {
      if (!account.take(pieces.roomFor(piece))) return deny('UNAVAILABLE', TOO_MANY_BYTES);
      pieces.add(piece);
      if (pieces.length > limitBytes) end();
    };
    const end = () => {
      settle();
      account.complete();
      resolve({ bytes: pieces.bytes(), close: () => account.close() });
    };
    const gone = () => {
      settle();
      account.close();
      reject(new AppError('REQUEST_MALFORMED'));
    };
    request.on('data', add).once('end', end).once('error', gone).once('close', gone);
  });
}

/** The pieces of a body in one buffer, so that many small ones take no more memory than a large one. */
class Pieces {
  readonly #wholeLength: number;
  #buffer: Buffer = EMPTY;
  length = 0;

  constructor(wholeLength: number) {
    this.#wholeLength = wholeLength;
  }

  /** The bytes of memory that it takes to add this piece. */
  roomFor(piece: Buffer): number {
    return this.#capacityWith(piece) - this.#buffer.length;
  }

  add(piece: Buffer): void {
    if (piece.length === this.#wholeLength) this.#buffer = piece;
    else this.#append(piece);
    this.length += piece.length;
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.length);
  }

  #append(piece: Buffer): void {
    const capacity = this.#capacityWith(piece);
    if (capacity > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(capacity);
      this.#buffer.copy(larger, 0, 0, this.length);
      this.#buffer = larger;
    }
    piece.copy(this.#buffer, this.length);
  }

  #capacityWith(piece: Buffer): number {
    const length = this.length + piece.length;
    if (piece.length === this.#wholeLength || length <= this.#buffer.length)
      return Math.max(length, this.#buffer.length);
    return Math.max(FIRST_PIECE, length, 2 * this.#buffer.length);
  }
}

/** What still comes is read and thrown away. */
function refuseRest(request: IncomingMessage, error: AppError): void {
  request.on('error', () => {}).resume();
  endConnection(request.socket, error, request.headers.accept);
}

import type { IncomingMessage } from 'node:http';
import { AppError } from '../../domain/shared/app-error.ts';
import { endConnection } from '../connections/parser-errors.ts';
import type { BodyBudget } from '../load/body-budget.ts';

/** The limit, in bytes, for a body that is sent to a page, which ignores it. */
export const PAGE_BODY_LIMIT_BYTES = 1_024;
/** Milliseconds for a complete body, so that a slow client does not hold memory for longer. */
const BODY_MS_MAX = 5_000;
/** The initial size, in bytes, of the buffer for a body in several chunks. */
const FIRST_PIECE = 4_096;

const EMPTY = Buffer.alloc(0);

const TOO_MANY_BYTES = 'Too many request bodies are being read; nothing was done';
const TOO_SLOW = 'The request body took too long to arrive';

/** A body that was read. Its bytes count in the budget until `close`. */
export interface ReadBody {
  /** Longer than the limit if the body is too large: then it was not read to its end. */
  readonly bytes: Buffer;
  close(): void;
}

/** The request was answered on its socket, and the connection is closing. No further answer is needed. */
export class ConnectionEnded extends Error {}

/** Do the header fields of the request announce a body? */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

interface Reading {
  readonly budget: BodyBudget;
  /** The class in the budget. */
  readonly className: string;
  readonly limitBytes: number;
}

/**
 * Reads the whole body within a memory budget and a time limit. If either is exceeded, it answers the client on the socket
 * and rejects with ConnectionEnded. Rejects with REQUEST_MALFORMED if the client disconnects.
 */
export function readBody(
  request: IncomingMessage,
  { budget, className, limitBytes }: Reading,
): Promise<ReadBody> {
  return new Promise((resolve, reject) => {
    if (request.destroyed) throw new AppError('REQUEST_MALFORMED');
    const announced = Number(request.headers['content-length']);
    const pieces = new Pieces(announced);
    const account = budget.open(className, () => deny('UNAVAILABLE', TOO_MANY_BYTES));
    const deadline = setTimeout(() => deny('REQUEST_MALFORMED', TOO_SLOW), BODY_MS_MAX);
    const settle = () => {
      clearTimeout(deadline);
      request.off('data', add).off('end', end).off('error', gone).off('close', gone);
    };
    const deny = (code: 'UNAVAILABLE' | 'REQUEST_MALFORMED', message: string) => {
      settle();
      account.close();
      denyRest(request, new AppError(code, { message }));
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
    // A body that will have no room is not read at all.
    if (announced <= limitBytes && !account.hasRoomFor(announced)) return deny('UNAVAILABLE', TOO_MANY_BYTES);
    request.on('data', add).once('end', end).once('error', gone).once('close', gone);
  });
}

/** Copies the chunks of a body into one buffer, so that many small chunks take no more memory than a large one. */
class Pieces {
  readonly #wholeLength: number;
  #buffer: Buffer = EMPTY;
  length = 0;

  constructor(wholeLength: number) {
    this.#wholeLength = wholeLength;
  }

  /** The bytes of memory that are needed to add this chunk. */
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

function denyRest(request: IncomingMessage, error: AppError): void {
  request.on('error', () => {});
  endConnection(request.socket, error, request.headers.accept);
}

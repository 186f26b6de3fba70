import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { ENDPOINTS, ERRORS } from '@latchkey/contract';
import { AppError } from '../../domain/shared/app-error.ts';
import { errorContent, errorFields } from '../pipeline/error-response.ts';
import { newRequestId } from '../pipeline/exchange.ts';
import { allowField } from '../pipeline/router.ts';

/** Milliseconds that a connection stays open after its last answer, while its further input is discarded. */
const LINGER_MS = 2_000;
/** Connections whose input is discarded at the same time. To read the input of more would delay all other requests. */
const DISCARDING_MAX = 32;
/** Milliseconds that a connection stays open after its last answer without its input being read. */
const UNREAD_LINGER_MS = 200;

/** The number of connections whose input is being discarded. */
let discarding = 0;

/** The answer to the newest request of each connection. */
const newest = new WeakMap<Socket, ServerResponse>();
/** Sockets that got their last answer. */
const ended = new WeakSet<Socket>();
/** Node's own `drain` listeners of each connection, which write pending answers. */
const onDrain = new WeakMap<Socket, ReturnType<Socket['listeners']>>();

/** Answers input that Node cannot parse as a request on its socket, after the answers to earlier requests. */
export function answerOnSocket(server: Server): void {
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    newest.set(request.socket, response);
  });
  server.on('connection', (socket: Socket) => {
    onDrain.set(socket, socket.listeners('drain'));
  });
  // Without a listener Node closes the connection on CONNECT without an answer. With one it leaves the connection alone,
  // even if answers are still to be written to it.
  server.on('connect', ({ headers }: IncomingMessage, socket: Socket) => {
    socket.on('error', () => socket.destroy());
    for (const listener of onDrain.get(socket) ?? []) socket.on('drain', () => listener());
    const error = new AppError('METHOD_NOT_ALLOWED', { message: 'This service is not a proxy' });
    endConnection(socket, error, headers.accept);
  });
}

/** The answer to the newest request of a connection, sent or not; undefined if there was no request. */
export function newestAnswer(socket: Socket): ServerResponse | undefined {
  return newest.get(socket);
}

/** Is a request of this connection still waiting for the end of its answer? */
export function owesAnswer(socket: Socket): boolean {
  return newest.get(socket)?.writableFinished === false;
}

/** The Accept field in the bytes of a head. */
const ACCEPT_LINE = /^accept:([^\r\n]*)/im;

interface ParserError extends Error {
  readonly code?: string | undefined;
  /** The bytes that Node read last, in a Buffer. */
  readonly rawPacket?: unknown;
}

/** Answers input that Node's parser rejected in the same format as every failed request, and closes the connection. */
export function sendClientError({ code, rawPacket }: ParserError, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const packet = Buffer.isBuffer(rawPacket) ? rawPacket.toString('latin1') : '';
  const [, accept] = ACCEPT_LINE.exec(packet) ?? [];
  endConnection(socket, parserError(code), accept);
}

function parserError(code: string | undefined): AppError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new AppError('HEADERS_TOO_LARGE');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new AppError('REQUEST_MALFORMED', { message: 'The request took too long to arrive' });
    default:
      return new AppError('REQUEST_MALFORMED');
  }
}

/**
 * Answers the newest request of a connection without reading the rest of it, and closes the connection. The answer is sent
 * after the answers to earlier requests, since a client matches answers to requests by their order.
 */
export function endConnection(socket: Socket, error: AppError, accept?: string): void {
  if (ended.has(socket)) return;
  ended.add(socket);
  const before = newest.get(socket);
  const answer = () => hangUp(socket, error, accept);
  if (!before || (before.req.complete && before.writableFinished)) answer();
  else if (before.req.complete) before.once('close', answer);
  // The body of the newest request is malformed, and its answer has begun already.
  else if (before.headersSent) socket.destroy();
  else if (before.socket) answer();
  else before.once('socket', answer);
}

function hangUp(socket: Socket, error: AppError, accept: string | undefined): void {
  if (!socket.writable) return;
  const requestId = newRequestId();
  const { type, body: content } = errorContent(error, requestId, accept);
  const body = JSON.stringify(content);
  const { status } = ERRORS[error.code];
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Type: ${type}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    `X-Request-Id: ${requestId}`,
    ...Object.entries({ ...errorFields(error), Connection: 'close' }).map(
      ([name, value]) => `${name}: ${value}`,
    ),
    ...(error.code === 'METHOD_NOT_ALLOWED' ? [`Allow: ${allowField(ENDPOINTS)}`] : []),
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  linger(socket);
}

/** Closes the connection after a limited time: closing at once sends a reset, which could overtake the answer. */
function linger(socket: Socket): void {
  const discards = discarding < DISCARDING_MAX;
  if (discards) discardInput(socket);
  else stopReading(socket);
  setTimeout(() => socket.destroy(), discards ? LINGER_MS : UNREAD_LINGER_MS).unref();
}

/** Reads a chunk of the body in a turn of the event loop, so that other requests are answered in between. */
function discardInput(socket: Socket): void {
  discarding++;
  socket.once('close', () => discarding--);
  const request = unreadRequest(socket);
  request?.on('data', () => {
    request.pause();
    setImmediate(() => request.resume());
  });
  (request ?? socket).resume();
}

/** Drops what was read of the body, up to 64 kB. That resumes the socket in the next tick, so it is paused after it. */
function stopReading(socket: Socket): void {
  unreadRequest(socket)?.pause().read();
  process.nextTick(() => socket.pause());
}

function unreadRequest(socket: Socket): IncomingMessage | undefined {
  const request = newest.get(socket)?.req;
  return request?.complete ? undefined : request;
}

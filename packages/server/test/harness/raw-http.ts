import { connect, type Socket } from 'node:net';
import { contractViolations, isStream } from './contract-checker.ts';

export type HeaderList = readonly (readonly [name: string, value: string])[];

export interface RawAnswer {
  readonly status: number;
  /** By lower-case name. The values of a repeated field are joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what the body is like is what the tests ask
  readonly body: any;
}

export interface ExchangeOptions {
  /** The number of responses after which the exchange ends; default: 1. The service may close the connection earlier. */
  readonly answers?: number;
  /** Answers to HEAD are among them: they have no bodies, whatever length they name. */
  readonly head?: boolean;
  /** Sends FIN after the bytes, so that the service sees the request end early. */
  readonly end?: boolean;
}

/** The bytes of a request, field by field as they are given: nothing is added but an empty line. */
export function requestBytes(line: string, headers: HeaderList, body: string | Buffer = ''): Buffer {
  const head = [line, ...headers.map(([name, value]) => `${name}: ${value}`)].join('\r\n');
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), Buffer.from(body)]);
}

/** Writes bytes to a new connection and reads the answers to them. The connection is closed afterwards. */
export async function exchange(
  port: number,
  bytes: Buffer | string,
  { answers: wanted = 1, head = false, end = false }: ExchangeOptions = {},
): Promise<RawAnswer[]> {
  const socket = connect(port, '127.0.0.1');
  try {
    if (end) socket.end(bytes);
    else socket.write(bytes);
    return await readAnswers(socket, wanted, head);
  } finally {
    socket.destroy();
  }
}

/** Reads until `wanted` responses are complete or the peer closes. Rejects only when the connection cannot be opened. */
export function readAnswers(socket: Socket, wanted: number, head = false): Promise<RawAnswer[]> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const finish = () => resolve(parseAnswers(received, head));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (parseAnswers(received, head).length >= wanted) finish();
    });
    socket.on('close', finish);
    // A service that drops a client which is still sending resets the connection; the response may have arrived before.
    socket.on('error', (error: Error & { code?: string }) => {
      if (error.code === 'ECONNREFUSED') reject(error);
    });
  });
}

/** The complete final answers at the start of the bytes. Interim ones (1xx) are passed over. */
export function parseAnswers(bytes: Buffer, head = false): RawAnswer[] {
  const answers: RawAnswer[] = [];
  let rest = bytes;
  for (;;) {
    const headEnd = rest.indexOf('\r\n\r\n');
    if (headEnd === -1) return answers;
    const [statusLine = '', ...lines] = rest.toString('latin1', 0, headEnd).split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1] ?? Number.NaN);
    const headers = readHeaders(lines);
    const bodyStart = headEnd + 4;
    const isInterim = status < 200;
    const afterHead = rest.subarray(bodyStart);
    const isBare = isInterim || (head && startsAnswer(afterHead));
    const body = isBare ? NO_BODY : readBody(afterHead, headers);
    if (!body) return answers;
    const { text, length } = body;
    const value = isStream(headers) ? text : parseJson(text);
    if (!isInterim) answers.push({ status, headers, text, body: value });
    rest = afterHead.subarray(length);
  }
}

/** Is there another answer, or nothing, where a body would be? */
function startsAnswer(bytes: Buffer): boolean {
  return bytes.length === 0 || bytes.toString('latin1', 0, 5) === 'HTTP/';
}

/** A body and how many bytes it took. */
interface RawBody {
  readonly text: string;
  readonly length: number;
}

const NO_BODY: RawBody = { text: '', length: 0 };

/** The body at the start of the bytes; null when it is incomplete. */
function readBody(bytes: Buffer, headers: Readonly<Record<string, string>>): RawBody | null {
  if (headers['transfer-encoding'] === 'chunked') return readChunks(bytes);
  const length = Number(headers['content-length'] ?? 0);
  return bytes.length < length ? null : { text: bytes.toString('utf8', 0, length), length };
}

/** RFC 9112, section 7.1, without extensions and trailers, which this service does not send. */
function readChunks(bytes: Buffer): RawBody | null {
  const chunks: Buffer[] = [];
  for (let start = 0; ; ) {
    const lineEnd = bytes.indexOf('\r\n', start);
    const size = Number.parseInt(bytes.toString('latin1', start, lineEnd), 16);
    const end = lineEnd + 2 + size + 2;
    if (lineEnd === -1 || bytes.length < end) return null;
    if (size === 0) return { text: Buffer.concat(chunks).toString('utf8'), length: end };
    chunks.push(bytes.subarray(lineEnd + 2, end - 2));
    start = end;
  }
}

function readHeaders(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  return headers;
}

function parseJson(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The contract checker for an answer that came over a socket. */
export function rawViolations(method: string, target: string, answer: RawAnswer): string[] {
  return contractViolations(method, target.replace(/^https?:\/\/[^/]*/i, ''), answer);
}

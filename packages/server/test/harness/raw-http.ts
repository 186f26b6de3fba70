import { connect, type Socket } from 'node:net';
import { contractViolations } from './contract-checker.ts';

export type HeaderList = readonly (readonly [name: string, value: string])[];

export interface RawAnswer {
  readonly status: number;
  /** By lower-case name; a field that stands twice is joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what the body is like is what the tests ask
  readonly body: any;
}

export interface ExchangeOptions {
  /** Ends the exchange after so many answers; left out: one. The service may always close the connection earlier. */
  readonly answers?: number;
  /** The answers are to HEAD and have no bodies. */
  readonly head?: boolean;
  /** Sends FIN behind the bytes, so that the service sees the request end early. */
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

/** Reads until so many answers are complete or the other side closes; rejects only where no connection comes about. */
export function readAnswers(socket: Socket, wanted: number, head = false): Promise<RawAnswer[]> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const finish = () => resolve(parseAnswers(received, head));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (parseAnswers(received, head).length >= wanted) finish();
    });
    socket.on('close', finish);
    // A reset is how a service drops a client that still sends; the answer may be there all the same.
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
    const length = isInterim || head ? 0 : Number(headers['content-length'] ?? 0);
    if (rest.length < bodyStart + length) return answers;
    const text = rest.toString('utf8', bodyStart, bodyStart + length);
    if (!isInterim) answers.push({ status, headers, text, body: parseJson(text) });
    rest = rest.subarray(bodyStart + length);
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

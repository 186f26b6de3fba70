import type { FuzzRandom } from '../fuzz-random.ts';

type WireMutation = (bytes: Buffer, random: FuzzRandom) => Buffer;

const LINES = [
  'Content-Length: 5',
  'Content-Length: -1',
  'Content-Length: 99999999999999999999',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: identity, chunked',
  'Transfer-Encoding:\x0bchunked',
  'Host: other.test',
  'Authorization: Bearer x',
  'Connection: close',
  'Connection: Upgrade\r\nUpgrade: h2c',
  'Expect: 100-continue',
  'Expect: 200-maybe',
  ' folded',
  ': no name',
  'no colon',
  'X-Nul: a\0b',
  'X-Cr: a\rb',
  'X-Lf: a\nb',
  'X\x80: a',
  'X-High: \xff\xfe',
  `X-Long: ${'x'.repeat(17_000)}`,
];

const START_LINES = [
  'GET',
  'GET /',
  'GET / HTTP/1.0',
  'GET / HTTP/1.2',
  'GET / HTTP/2.0',
  'GET http://other.test/ HTTP/1.1',
  'GET * HTTP/1.1',
  'OPTIONS * HTTP/1.1',
  'CONNECT a:1 HTTP/1.1',
  'PRI * HTTP/2.0',
  'get / HTTP/1.1',
  'GET /\x00 HTTP/1.1',
  'GET /\xff HTTP/1.1',
  '',
];

function at(bytes: Buffer, random: FuzzRandom): number {
  return random.between(0, Math.max(0, bytes.length - 1));
}

function splice(bytes: Buffer, from: number, to: number, put: Buffer | string = ''): Buffer {
  return Buffer.concat([bytes.subarray(0, from), Buffer.from(put as string, 'latin1'), bytes.subarray(to)]);
}

/** The offset of a random line of the head, after the first line. */
function lineStart(bytes: Buffer, random: FuzzRandom): number {
  const head = bytes.toString('latin1').split('\r\n\r\n', 1).join();
  const starts = [...head.matchAll(/\r\n/g)].map(({ index }) => index + 2);
  return random.pickAny(starts) ?? 0;
}

/** Mutations of the raw bytes of a request. */
export const WIRE_MUTATIONS: readonly WireMutation[] = [
  (bytes, random) => bytes.subarray(0, at(bytes, random)),
  (bytes, random) => {
    const from = at(bytes, random);
    return splice(bytes, from, from + random.between(1, 4));
  },
  (bytes, random) => {
    const copy = Buffer.from(bytes);
    const place = at(copy, random);
    copy[place] = (copy[place] ?? 0) ^ (1 << random.between(0, 7));
    return copy;
  },
  (bytes, random) => {
    const from = at(bytes, random);
    return splice(
      bytes,
      from,
      from,
      random.pick(['\0', '\r', '\n', '\r\n', '\r\n\r\n', ' ', '\t', '\x7f', '\xff']),
    );
  },
  (bytes, random) => {
    const from = lineStart(bytes, random);
    return splice(bytes, from, from, `${random.pick(LINES)}\r\n`);
  },
  (bytes, random) => {
    const end = bytes.indexOf('\r\n');
    return splice(bytes, 0, Math.max(0, end), random.pick(START_LINES));
  },
  (bytes, random) => {
    const from = lineStart(bytes, random);
    const line = bytes.subarray(from, bytes.indexOf('\r\n', from) + 2);
    return splice(bytes, from, from, line);
  },
  (bytes) => Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1'),
  (bytes, random) =>
    Buffer.from(
      bytes.toString('latin1').replace(/(?<=content-length: )\d+/, String(random.between(0, 99_999))),
      'latin1',
    ),
  (bytes) => Buffer.concat([bytes, bytes, bytes]),
  (bytes, random) => Buffer.concat([bytes, Buffer.from(`${random.pick(START_LINES)}\r\n\r\n`, 'latin1')]),
];

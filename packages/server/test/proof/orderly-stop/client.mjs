/**
 * A client in a separate process: it calls a service over keep-alive connections until they are closed, one call after
 * another on each, and reports the calls without an answer. The parent process sends the load and receives the report.
 */
import { connect } from 'node:net';

/** @typedef {{ name: string, bytes: string }} Sample */
/** @typedef {{ port: number, connections: number, idle: number, seed: number, samples: Sample[] }} Load */
/** @typedef {{ answered: number, asked: number, cut: string[], wrong: string[] }} Report */

/** Milliseconds between an answer and the next call: far less than the service leaves a connection without a call open. */
const PAUSE_MAX_MS = 150;
/** Milliseconds between the first byte of a call and the rest, where it is sent in two parts. */
const SPLIT_MAX_MS = 60;

process.on('message', (/** @type {Load} */ load) => {
  void run(load).then((report) => process.send?.(report));
});

/** @param {Load} load @returns {Promise<Report>} */
async function run({ port, connections, idle, seed, samples }) {
  const report = { answered: 0, asked: 0, cut: [], wrong: [] };
  const random = randomFrom(seed);
  const callers = Array.from({ length: connections }, () => call(port, samples, random, report));
  const silent = Array.from({ length: idle }, () => call(port, [], random, report));
  await Promise.all([...callers, ...silent]);
  return report;
}

/**
 * Resolves when the connection is closed. Without samples it sends nothing.
 * @param {number} port @param {readonly Sample[]} samples @param {() => number} random @param {Report} report
 */
function call(port, samples, random, report) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    /** The pending call, from its first byte on. @type {Sample | null} */
    let asked = null;
    let received = '';
    let isOver = false;

    const ask = () => {
      const sample = samples[Math.floor(random() * samples.length)];
      if (!sample || isOver) return;
      asked = sample;
      report.asked++;
      const { bytes } = sample;
      const first = random() < 0.3 ? 1 + Math.floor(random() * (bytes.length - 1)) : bytes.length;
      socket.write(bytes.slice(0, first));
      if (first < bytes.length) setTimeout(() => socket.write(bytes.slice(first)), random() * SPLIT_MAX_MS);
    };
    const receive = (/** @type {Buffer} */ chunk) => {
      received += chunk.toString('latin1');
      const answer = /^HTTP\/1\.1 (\d+)[\s\S]*?\r\n\r\n/.exec(received);
      const length = Number(/^content-length: (\d+)/im.exec(answer?.[0] ?? '')?.[1]);
      if (!answer || !(received.length >= answer[0].length + length)) return;
      report.answered++;
      if (!answer[1]?.startsWith('2')) report.wrong.push(`${asked?.name}: ${answer[1]}`);
      received = '';
      asked = null;
      if (/^connection: close/im.test(answer[0])) isOver = true;
      else setTimeout(ask, random() < 0.5 ? 0 : random() * PAUSE_MAX_MS);
    };
    const end = (/** @type {string} */ how) => {
      isOver = true;
      if (asked) report.cut.push(`${asked.name} (${how}, ${received.length} bytes of the answer)`);
      asked = null;
    };
    socket.on('connect', ask);
    socket.on('data', receive);
    socket.on('end', () => end('FIN'));
    socket.on('error', ({ message }) => end(message));
    socket.on('close', () => {
      end('closed');
      resolve(undefined);
    });
  });
}

/** Mulberry32. @param {number} seed */
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

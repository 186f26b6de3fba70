import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import { contractViolations } from '../../harness/contract-checker.ts';
import { parseAnswers, type RawAnswer, requestBytes } from '../../harness/raw-http.ts';
import type { Draft } from './draft.ts';
import { FuzzRandom } from './fuzz-random.ts';
import { WIRE_MUTATIONS } from './mutations/wire.ts';
import { leaksIn } from './oracle.ts';
import { carryOut, plans } from './plan.ts';
import { Samples } from './samples.ts';
import type { World } from './world.ts';

const CONNECTIONS = 24;
/** After this time without an answer, the client closes its side, so that the service does not wait for the rest. */
const PATIENCE_MS = 100;
const SILENCE_MAX_MS = 10_000;

/** How many answers came with each status. */
export type Statuses = Map<number, number>;

/** Sends broken requests to a port, some concurrently. Rejects at the first bad answer, with the bytes that caused it. */
export async function fuzzWire(
  world: World,
  port: number,
  seed: number,
  requests: number,
): Promise<Statuses> {
  const samples = new Samples(seed);
  const random = new FuzzRandom(seed);
  const statuses: Statuses = new Map();
  const waiting = fc.sample(plans, { seed, numRuns: requests }).values();
  const worker = async () => {
    for (const plan of waiting) {
      const bytes = spoil(wireForm(carryOut(plan, samples, world)), random);
      for (const { status } of await attempt(port, bytes))
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  return statuses;
}

function wireForm({ method, url, headers, bytes }: Draft): Buffer {
  const length = bytes && !('content-length' in headers) ? { 'content-length': String(bytes.length) } : {};
  return requestBytes(`${method} ${url} HTTP/1.1`, Object.entries({ ...headers, ...length }), bytes);
}

function spoil(bytes: Buffer, random: FuzzRandom): Buffer {
  const times = random.between(1, 2);
  let spoilt = bytes;
  for (let time = 0; time < times; time++) spoilt = random.pick(WIRE_MUTATIONS)(spoilt, random);
  return spoilt;
}

async function attempt(port: number, bytes: Buffer): Promise<RawAnswer[]> {
  const isHead = bytes.toString('latin1', 0, 5) === 'HEAD ';
  let received = await converse(port, bytes, PATIENCE_MS);
  // A busy service may have noticed that the client closed before it could answer.
  if (received.length === 0) received = await converse(port, bytes, SILENCE_MAX_MS / 2);
  const answers = parseAnswers(received, isHead);
  const faults = answers.flatMap(faultsOf);
  if (answers.length === 0 && !mayBeIgnored(bytes)) faults.push('no answer');
  if (faults.length === 0) return answers;
  const sent = bytes.length > 3_000 ? bytes.toString('base64') : JSON.stringify(bytes.toString('latin1'));
  throw new Error(`${faults.join('; ')}\nsent: ${sent}\nreceived: ${received.toString().slice(0, 3_000)}`);
}

/**
 * Whether the service may close without an answer. Line ends alone are not a request (RFC 9112, section 2.2), and Node's
 * parser reports no error when a client disconnects in the middle of a request that offers an upgrade.
 */
function mayBeIgnored(bytes: Buffer): boolean {
  const text = bytes.toString('latin1');
  return /^[\r\n]*$/.test(text) || /^upgrade:/im.test(text);
}

function faultsOf(answer: RawAnswer): string[] {
  const { status, text } = answer;
  const faults = leaksIn(text);
  if (!(status < 500)) faults.push(`status ${status}`);
  // The endpoint of a broken request is unknown, but every error has the same form.
  if (status >= 400 && text !== '') faults.push(...contractViolations('CONNECT', '/', answer));
  return faults;
}

/** Everything that comes back until the connection ends. */
async function converse(port: number, bytes: Buffer, patienceMs: number): Promise<Buffer> {
  const socket = connect({ port, host: '127.0.0.1' });
  const received: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => received.push(chunk));
  // The service may also end a connection with a reset.
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.write(bytes);
  const heard = new Promise<void>((resolve) => socket.once('data', () => resolve()));
  await Promise.race([closed, heard, wait(patienceMs, undefined, { ref: false })]);
  socket.end();
  const isClosed = await Promise.race([closed.then(() => true), wait(SILENCE_MAX_MS, false, { ref: false })]);
  socket.destroy();
  if (!isClosed) throw new Error(`the connection hangs after ${JSON.stringify(bytes.toString('latin1'))}`);
  return Buffer.concat(received);
}

/** Attacks a service of this machine, as its argument says, until its standard input closes or its time is over. */
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/**
 * @typedef {object} Plan
 * @property {number} port
 * @property {number} seconds
 * @property {readonly string[]} attacks names of `ATTACKS`
 * @property {string} searcher a key that may read the log
 * @property {string} powerless a key without permissions
 * @property {string} verifier a key that may verify others
 * @property {string} unknown the text of a key that does not exist
 */

/** @type {Plan} */
const plan = JSON.parse(process.argv[2] ?? '{}');
const end = performance.now() + plan.seconds * 1_000;

const MANY = '/api/v2/api-keys/verify-many';
const BODY = 'Content-Type: application/json\r\nContent-Length';
const MEBIBYTE = 2 ** 20;
const INVALID = `{"checks":[${'{},'.repeat(MEBIBYTE / 3 - 10)}{}]}`;
const UNFINISHED = 'x'.repeat(900_000);

/** @type {Readonly<Record<string, () => Promise<unknown>>>} */
const ATTACKS = {
  // Searches whose client hangs up.
  searches: () =>
    every(16, () => sendFor(25, head('GET', '/api/v2/workspaces/logs?search=nothing', plan.searcher))),
  // Bodies that come a byte every two seconds.
  trickles: () =>
    every(108, (client) => {
      const targets = /** @type {const} */ ([
        ['/api/v2/sessions', null],
        ['/api/v2/sign-in-links', plan.unknown],
        ['/api/v2/sign-in-links', plan.powerless],
      ]);
      const [path, key] = targets[client % targets.length] ?? targets[0];
      return sendFor(20_000, head('POST', path, key, `${BODY}: 60`), 2_000);
    }),
  // Whole bodies of a megabyte with as many mistakes as there is room for, five a second.
  invalid: () =>
    every(5, async () => {
      await sendFor(900, head('POST', MANY, plan.verifier, `${BODY}: ${INVALID.length}`) + INVALID);
      await wait(100);
    }),
  // Bodies of a megabyte that never end.
  unfinished: () =>
    every(1_500, async () => {
      await sendFor(8_000, head('POST', MANY, plan.verifier, `${BODY}: 1000000`) + UNFINISHED);
      await wait(1_000);
    }),
};

process.stdin.on('end', () => process.exit(0)).resume();
setTimeout(() => process.exit(0), plan.seconds * 1_000).unref();
await Promise.all(plan.attacks.map(async (name) => ATTACKS[name]?.()));
process.exit(0);

/** @param {number} clients @param {(client: number) => Promise<unknown>} once */
function every(clients, once) {
  const repeat = async (/** @type {number} */ client) => {
    while (performance.now() < end) await once(client);
  };
  return Promise.all(Array.from({ length: clients }, (_, client) => repeat(client)));
}

/** @param {string} method @param {string} path @param {string | null} key @param {string} [more] */
function head(method, path, key, more) {
  const fields = [
    'Host: latchkey.test',
    ...(key === null ? [] : [`Authorization: Bearer ${key}`]),
    ...(more ? [more] : []),
  ];
  return `${method} ${path} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n`;
}

/**
 * Sends the bytes on a new connection, then one more every `trickleMs`, and hangs up after so long.
 * @param {number} ms @param {string} bytes @param {number} [trickleMs] @returns {Promise<void>} once it is closed
 */
function sendFor(ms, bytes, trickleMs) {
  return new Promise((resolve) => {
    const socket = connect(plan.port, '127.0.0.1');
    const trickle = trickleMs && setInterval(() => socket.write(' '), trickleMs);
    const timer = setTimeout(() => socket.destroy(), ms);
    socket.on('error', () => {}).resume();
    socket.once('close', () => {
      clearTimeout(timer);
      clearInterval(trickle);
      // A client that was disconnected reconnects after a short pause.
      setTimeout(resolve, 10);
    });
    socket.write(bytes);
  });
}

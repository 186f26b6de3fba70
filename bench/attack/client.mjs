/** A client of a service that measures how long each answer takes. */
import { Agent, request } from 'node:http';

const SILENCE_MAX_MS = 15_000;

/** @typedef {{ status: number, ms: number, body: any }} Answer `status` 0: there was none */
/** @typedef {{ key?: string, body?: unknown }} Call */

/** @param {string} url */
export function clientOf(url) {
  const agent = new Agent({ keepAlive: true });
  const { hostname, port } = new URL(url);
  /** @param {string} method @param {string} path @param {Call} [call] @returns {Promise<Answer>} */
  const call = (method, path, { key, body } = {}) =>
    new Promise((resolve) => {
      const begun = performance.now();
      const payload = body === undefined ? undefined : JSON.stringify(body);
      const headers = {
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
        ...(payload !== undefined && {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(payload),
        }),
      };
      const none = () => resolve({ status: 0, ms: performance.now() - begun, body: null });
      const read = async (/** @type {import('node:http').IncomingMessage} */ incoming) => {
        const text = Buffer.concat(await incoming.toArray()).toString('utf8');
        const ms = performance.now() - begun;
        resolve({ status: incoming.statusCode ?? 0, ms, body: text === '' ? null : JSON.parse(text) });
      };
      const outgoing = request({ method, path, headers, agent, hostname, port }, (incoming) => {
        read(incoming).catch(none);
      });
      outgoing.on('error', none);
      outgoing.setTimeout(SILENCE_MAX_MS, () => outgoing.destroy());
      outgoing.end(payload);
    });
  return { call, close: () => agent.destroy() };
}

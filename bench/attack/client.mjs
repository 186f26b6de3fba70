/** A client of a service that measures how long each answer takes. */
import { Agent, request } from 'node:http';

const SILENCE_MAX_MS = 15_000;

/** @typedef {{ status: number, ms: number, body: any, isOnKept: boolean }} Answer `status` 0: there was none; `isOnKept`: on a kept connection */
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
      /** @param {number} status @param {number} ms @param {any} body */
      const answer = (status, ms, body) => resolve({ status, ms, body, isOnKept: outgoing.reusedSocket });
      const none = () => answer(0, performance.now() - begun, null);
      const read = async (/** @type {import('node:http').IncomingMessage} */ incoming) => {
        const text = Buffer.concat(await incoming.toArray()).toString('utf8');
        const ms = performance.now() - begun;
        answer(incoming.statusCode ?? 0, ms, text === '' ? null : JSON.parse(text));
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

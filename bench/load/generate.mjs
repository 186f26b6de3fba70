/** Runs our own generator of load as a process of its own, on the core of the load. */
import path from 'node:path';
import { runLoad } from '../machine/processes.mjs';

/** How many ask at a time where nothing else is said. */
export const CONNECTIONS = 64;

const PROGRAM = path.join(import.meta.dirname, 'generator.program.mjs');

/**
 * @param {string} url of the server
 * @param {readonly import('./generator.program.mjs').StreamPlan[]} streams
 * @param {{ warmUpMs: number, durationMs: number }} times
 * @returns {Promise<import('./generator.program.mjs').StreamResult[]>} one a stream; rejects where requests were refused
 *   that should not be
 */
export async function generate(url, streams, times) {
  const { hostname: host, port } = new URL(url);
  const plan = { host, port: Number(port), ...times, streams };
  const args = ['--max-semi-space-size=64', PROGRAM, JSON.stringify(plan)];
  const output = await runLoad({ command: process.execPath, args, role: 'load' }, url);
  /** @type {import('./generator.program.mjs').StreamResult[]} */
  const results = JSON.parse(output);
  results.forEach(({ refused, answers }, index) => {
    if (refused > 0 && !streams[index]?.mayBeRefused)
      throw new Error(`${refused} of ${answers} requests were refused`);
  });
  return results;
}

/**
 * Sends each request of a file once.
 * @param {string} url
 * @param {string} requestsFile
 * @param {number} [connections] how many ask at a time
 * @returns {Promise<number>} answers a second
 */
export async function sendOnce(url, requestsFile, connections = CONNECTIONS) {
  const stream = { requestsFile, connections, rate: null, once: true };
  const [result] = await generate(url, [stream], { warmUpMs: 0, durationMs: 0 });
  return result?.perSecond ?? Number.NaN;
}

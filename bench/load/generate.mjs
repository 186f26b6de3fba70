/** Runs our own load generator as a separate process, on the core that is reserved for load. */
import path from 'node:path';
import { runLoad } from '../machine/processes.mjs';

/** The default number of concurrent connections. */
export const CONNECTIONS = 64;

const PROGRAM = path.join(import.meta.dirname, 'generator.program.mjs');

/**
 * @param {string} url of the server
 * @param {readonly import('./generator.program.mjs').StreamPlan[]} streams
 * @param {{ warmUpMs: number, durationMs: number }} times
 * @returns {Promise<import('./generator.program.mjs').StreamResult[]>} one for each stream; rejects when a stream without
 *   `allowErrors` got an error status
 */
export async function generate(url, streams, times) {
  const { hostname: host, port } = new URL(url);
  const plan = { host, port: Number(port), ...times, streams };
  const args = ['--max-semi-space-size=64', PROGRAM, JSON.stringify(plan)];
  const output = await runLoad({ command: process.execPath, args, role: 'load' }, url);
  /** @type {import('./generator.program.mjs').StreamResult[]} */
  const results = JSON.parse(output);
  results.forEach(({ errors, answers }, index) => {
    if (errors > 0 && !streams[index]?.allowErrors)
      throw new Error(`${errors} of ${answers} responses had an error status (400 or above)`);
  });
  return results;
}

/**
 * Sends each request of a file once.
 * @param {string} url
 * @param {string} requestsFile
 * @param {number} [connections] the number of concurrent connections
 * @returns {Promise<number>} answers a second
 */
export async function sendOnce(url, requestsFile, connections = CONNECTIONS) {
  const stream = { requestsFile, connections, rate: null, once: true };
  const [result] = await generate(url, [stream], { warmUpMs: 0, durationMs: 0 });
  return result?.perSecond ?? Number.NaN;
}

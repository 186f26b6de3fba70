/** Loads the keys that a measurement will use into the memory of a service. */
import { CONNECTIONS, generate } from './generate.mjs';
import { checkRequest } from './requests.mjs';
import { writeRequests } from './requests-file.mjs';

const PASSES_MAX = 5;

/**
 * Checks each key once.
 * @param {string} url
 * @param {readonly string[]} tokens
 */
export function warmUp(url, tokens) {
  return askUntilAnswered(url, [...new Set(tokens)].map(checkRequest), CONNECTIONS);
}

/**
 * Sends all requests until every one succeeds: while the database is still cold, a look-up may take longer than the service
 * waits for it. Rejects when requests still fail after the last pass.
 * @param {string} url
 * @param {readonly string[]} requests
 * @param {number} connections
 */
export async function askUntilAnswered(url, requests, connections) {
  const stream = {
    requestsFile: writeRequests(requests),
    connections,
    rate: null,
    once: true,
    allowErrors: true,
  };
  for (let pass = 0; pass < PASSES_MAX; pass += 1) {
    const [result] = await generate(url, [stream], { warmUpMs: 0, durationMs: 0 });
    if (result?.errors === 0) return;
  }
  throw new Error(`Some warm-up requests still fail after ${PASSES_MAX} passes`);
}

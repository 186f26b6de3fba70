/** Brings the keys that will be asked about into the memory of a service. */
import { CONNECTIONS, generate } from './generate.mjs';
import { checkRequest } from './requests.mjs';
import { writeRequests } from './requests-file.mjs';

const PASSES_MAX = 5;

/**
 * Asks about each key.
 * @param {string} url
 * @param {readonly string[]} tokens
 */
export function warmUp(url, tokens) {
  return askUntilAnswered(url, [...new Set(tokens)].map(checkRequest), CONNECTIONS);
}

/**
 * Sends all requests until none is refused any more: a store that is still cold may need longer than a service waits for it.
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
    mayBeRefused: true,
  };
  for (let pass = 0; pass < PASSES_MAX; pass += 1) {
    const [result] = await generate(url, [stream], { warmUpMs: 0, durationMs: 0 });
    if (result?.refused === 0) return;
  }
  throw new Error('The service goes on refusing some of what it is warmed up with');
}

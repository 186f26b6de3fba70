import { CONNECTIONS, generate } from '../load/generate.mjs';
import { warmUpMs } from './warm-up.mjs';

/**
 * Offers an open load, whose latency counts from the instant at which a request was due.
 * @param {import('../load/saturate.mjs').Target} target
 * @param {number | null} rate requests a second; null: as many as the server answers
 * @param {number} seconds
 * @returns {Promise<import('../load/generator.program.mjs').StreamResult>} rejects when a response had an error status
 */
export async function offer({ url, requestsFile }, rate, seconds) {
  const times = { warmUpMs: warmUpMs(seconds), durationMs: seconds * 1_000 };
  const [result] = await generate(url, [{ requestsFile, connections: CONNECTIONS, rate }], times);
  if (!result) throw new Error('The generator gave no result');
  return result;
}

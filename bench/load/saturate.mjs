/**
 * Measures how many requests a second a server answers when 64 connections send without pause. Uses wrk if it is on the
 * PATH. Otherwise, and for measurements shorter than wrk's minimum of one second, it uses our own generator, which needs
 * more of its core.
 */
import path from 'node:path';
import { runLoad } from '../machine/processes.mjs';
import { findProgram } from '../machine/tools.mjs';
import { CONNECTIONS, generate } from './generate.mjs';

const wrk = findProgram('wrk');
const SCRIPT = path.join(import.meta.dirname, 'replay.lua');

/** @param {number} seconds that a measurement takes @returns {string | undefined} wrk, where it is what measures */
const wrkFor = (seconds) => (seconds < 1 ? undefined : wrk);

/** @param {number} seconds that a measurement takes @returns {string} what measures, for the report */
export const saturationTool = (seconds) => (wrkFor(seconds) === undefined ? 'bench/load' : 'wrk');

/**
 * @typedef {object} Target
 * @property {string} url where the server listens
 * @property {string} requestsFile what it is asked
 * @property {boolean} [isSlow] compared with the others
 */

/**
 * @param {Target} target
 * @param {number} seconds
 * @returns {Promise<number>} responses a second; rejects when a response had an error status or a request failed
 */
export async function saturate(target, seconds) {
  const command = wrkFor(seconds);
  return command === undefined ? withGenerator(target, seconds) : withWrk(command, target, seconds);
}

/** @param {string} command @param {Target} target @param {number} seconds */
async function withWrk(command, { url, requestsFile }, seconds) {
  const load = ['-t', '1', '-c', String(CONNECTIONS), '-d', `${Math.round(seconds)}s`, '--timeout', '30s'];
  const args = [...load, '-s', SCRIPT, url, '--', requestsFile];
  const output = await runLoad({ command, args, role: 'load' }, url);
  const last = output.trim().split('\n').at(-1) ?? '';
  const { answers, seconds: took, failures } = JSON.parse(last);
  // wrk stops when its time is up. If some connections have no response by then, measure again with our own generator,
  // which waits for them; a server that slow is not limited by the generator.
  if (answers < CONNECTIONS) return withGenerator({ url, requestsFile }, seconds);
  if (failures > 0) throw new Error(`${failures} of ${answers} responses had an error status or failed`);
  return answers / took;
}

/** @param {Target} target @param {number} seconds */
async function withGenerator({ url, requestsFile }, seconds) {
  const stream = { requestsFile, connections: CONNECTIONS, rate: null };
  const [result] = await generate(url, [stream], { warmUpMs: seconds * 250, durationMs: seconds * 1_000 });
  return result?.perSecond ?? Number.NaN;
}

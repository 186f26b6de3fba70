/** Starts the servers that Latchkey is compared with, each as a separate process on the core that is reserved for servers. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startServer, worksWith } from '../machine/processes.mjs';

/** @typedef {import('../machine/processes.mjs').Running} Running */

/** @param {string} answer what it sends @returns {Promise<Running>} */
export const startBareHttp = (answer) => startProgram('bare-http', { BENCH_ANSWER: answer });

/** @param {string} answer what it sends @returns {Promise<Running>} */
export const startFastify = (answer) => startProgram('fastify', { BENCH_ANSWER: answer });

/**
 * @param {object} options
 * @param {string} options.url of the service
 * @param {string} options.key with which the API verifies keys
 * @param {'express' | 'fastify' | 'hono'} options.framework
 * @param {'none' | 'batched' | 'single'} options.protection
 * @param {string} options.answer what it sends
 * @returns {Promise<Running>}
 */
export async function startProtectedApi({ url, key, framework, protection, answer }) {
  const api = { BENCH_FRAMEWORK: framework, BENCH_PROTECTION: protection, BENCH_ANSWER: answer };
  const running = await startProgram('protected-api', { ...api, LATCHKEY_URL: url, LATCHKEY_KEY: key });
  if (protection !== 'none') worksWith(running.url, url);
  return running;
}

/**
 * @param {'database' | 'memory'} mode
 * @returns {Promise<Running & { tokens: string[] }>} with the keys it has
 */
export async function startBetterAuth(mode) {
  const folder = mkdtempSync(path.join(tmpdir(), 'latchkey-bench-better-auth-'));
  const tokensFile = path.join(folder, 'tokens');
  const environment = { BENCH_MODE: mode, BENCH_TOKENS: tokensFile, BENCH_FOLDER: folder };
  const running = await startProgram('better-auth', environment);
  const tokens = readFileSync(tokensFile, 'utf8').split('\n');
  const stop = async () => {
    await running.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { ...running, tokens, stop };
}

/** @param {string} name @param {NodeJS.ProcessEnv} env */
function startProgram(name, env) {
  const file = path.join(import.meta.dirname, `${name}.program.mjs`);
  const args = ['--disable-warning=ExperimentalWarning', file];
  return startServer({ command: process.execPath, args, env, role: 'server' });
}

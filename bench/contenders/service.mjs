/** Latchkey as people run it: the built program, with its defaults. */
import { once } from 'node:events';
import { binary } from '../data/product.mjs';
import { start, stop } from '../machine/processes.mjs';

/**
 * @typedef {object} Service
 * @property {number} pid
 * @property {string} url
 * @property {{ workspaceId: string, userId: string, key: string }} founded what the first start tells; empty at others
 * @property {() => Promise<void>} stop
 * @property {(name: NodeJS.Signals) => Promise<void>} signal sends it, and waits for the line that answers it
 */

/**
 * @param {string} dataDir
 * @param {{
 *   init?: boolean,
 *   nodeArgs?: readonly string[],
 *   env?: NodeJS.ProcessEnv,
 *   role?: import('../machine/cores.mjs').Role,
 * }} [options]
 * @returns {Promise<Service>} once it listens
 */
export async function startService(dataDir, options = {}) {
  const { init = false, nodeArgs = [], env = {}, role = 'server' } = options;
  const args = ['serve', '--data-dir', dataDir, '--port', '0', '--json', ...(init ? ['--init'] : [])];
  const child = start({
    command: process.execPath,
    args: [...nodeArgs, '--disable-warning=ExperimentalWarning', binary, ...args],
    env,
    role,
  });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    complaints = (complaints + text).slice(-4_000);
  });
  const ended = once(child, 'exit').then(() => undefined);
  const line = await Promise.race([firstLine(child), ended]);
  if (line === undefined) throw new Error(`The service did not start: ${complaints}`);
  const { url, ...founded } = JSON.parse(line);
  const signal = async (/** @type {NodeJS.Signals} */ name) => {
    const answered = firstLine(child);
    child.kill(name);
    if ((await Promise.race([answered, ended])) === undefined)
      throw new Error(`The service ended: ${complaints}`);
  };
  return { pid: Number(child.pid), url, founded, stop: () => stop(child), signal };
}

/** @param {import('node:child_process').ChildProcess} child @returns {Promise<string>} */
function firstLine(child) {
  let text = '';
  return new Promise((resolve) => {
    child.stdout?.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
    });
  });
}

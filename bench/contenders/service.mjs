/** Latchkey as people run it: the built program, with its defaults. */
import { once } from 'node:events';
import { binary } from '../data/product.mjs';
import { listensAt, start, stop } from '../machine/processes.mjs';

/**
 * @typedef {object} Service
 * @property {number} pid
 * @property {string} url
 * @property {{ workspaceId: string, userId: string, key: string }} founded what the first start tells; empty at others
 * @property {() => Promise<void>} stop
 */

/**
 * @param {string} dataDir
 * @param {{ init?: boolean, nodeArgs?: readonly string[], options?: readonly string[], env?: NodeJS.ProcessEnv }} [how] `options`: further ones of `serve`
 * @returns {Promise<Service>} once it listens
 */
export async function startService(dataDir, { init = false, nodeArgs = [], options = [], env = {} } = {}) {
  const args = [
    'serve',
    '--data-dir',
    dataDir,
    '--port',
    '0',
    '--json',
    ...(init ? ['--init'] : []),
    ...options,
  ];
  const child = start({
    command: process.execPath,
    args: [...nodeArgs, '--disable-warning=ExperimentalWarning', binary, ...args],
    env,
    role: 'server',
  });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    complaints = (complaints + text).slice(-4_000);
  });
  const line = await Promise.race([firstLine(child), once(child, 'exit').then(() => undefined)]);
  if (line === undefined) throw new Error(`The service did not start: ${complaints}`);
  const { url, ...founded } = JSON.parse(line);
  listensAt(child, url);
  return { pid: Number(child.pid), url, founded, stop: () => stop(child) };
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

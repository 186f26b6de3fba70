/** Creates and revokes keys at a steady rate while another load runs. */
import { once } from 'node:events';
import path from 'node:path';
import { start } from '../machine/processes.mjs';

const PROGRAM = path.join(import.meta.dirname, 'mutations.program.mjs');

/**
 * @param {{ url: string, prepared: Pick<import('../data/database.mjs').Prepared, 'ownerKey' | 'ownerId'> }} service
 * @param {number} rate keys a second
 * @returns {Promise<{ stop: () => Promise<number> }>} once the first key is revoked; `stop` says how many keys a second were
 */
export async function startMutations({ url, prepared: { ownerKey, ownerId } }, rate) {
  const plan = JSON.stringify({ url, ownerKey, ownerId, rate });
  const child = start({ command: process.execPath, args: [PROGRAM, plan], role: 'load' });
  let output = '';
  let complaints = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    complaints += text;
  });
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  if (child.exitCode !== null) throw new Error(`Creating and revoking failed: ${complaints}`);
  return {
    async stop() {
      const closed = once(child, 'close');
      child.kill('SIGTERM');
      await closed;
      if (complaints !== '') throw new Error(`Creating and revoking failed: ${complaints}`);
      return Number(output.trim().split('\n').at(-1));
    },
  };
}

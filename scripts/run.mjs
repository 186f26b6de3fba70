/**
 * Runs a program of this repository and returns its output. It promises never to throw: a program that cannot be
 * started counts as failed, with the reason as output.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

/** The root of the repository, whatever the working directory is. */
export const root = path.resolve(import.meta.dirname, '..');

/** @param {string} relative a path below node_modules */
export const moduleFile = (relative) => path.join(root, 'node_modules', relative);

/**
 * @param {string[]} args the script to run with the present Node, and its arguments
 * @param {NodeJS.ProcessEnv} [env] added to the present environment
 * @returns {Promise<{ code: number, stdout: string, stderr: string }>}
 */
export function runNode(args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, env: { ...process.env, ...env } });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    child.on('error', (error) => resolve({ code: 1, stdout, stderr: `${stderr}${error.message}` }));
    child.on('close', (code) => resolve({ code: code ?? 1, stdout, stderr }));
  });
}

/** @param {string} file @returns {boolean} whether this module is the program that was started */
export const isMain = (file) => process.argv[1] !== undefined && path.resolve(process.argv[1]) === file;

/** @param {number} startedMs @returns {string} the time since then, as "1.2 s" */
export const since = (startedMs) => `${((Date.now() - startedMs) / 1000).toFixed(1)} s`;

/** @param {string} relative @returns {boolean} */
export const exists = (relative) => existsSync(path.join(root, relative));

/**
 * Starts programs and stops them. It promises that no program outlives the benchmark, however that ends.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { onCoreOf } from './cores.mjs';
import { processorMs } from './resources.mjs';

/**
 * @typedef {object} Running
 * @property {number} pid
 * @property {string} url where it listens
 * @property {() => Promise<void>} stop asks it to end and waits until it has
 */

/**
 * @typedef {object} Program
 * @property {string} command
 * @property {readonly string[]} args
 * @property {NodeJS.ProcessEnv} [env] added to the present one
 * @property {import('./cores.mjs').Role} role
 */

const READY = /listening on (http:\/\/[^\s"]+)/i;
const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 20_000;
/** A server counts as idle when it uses less processor time than this in one interval. */
const REST = { withinMs: 200, processorMs: 20 };
const REST_TIMEOUT_MS = 20_000;

/** @type {Set<import('node:child_process').ChildProcess>} */
const alive = new Set();
/** Where those listen that are servers. @type {WeakMap<import('node:child_process').ChildProcess, string>} */
const urls = new WeakMap();
/** Which servers work with another one, by their URLs. @type {Map<string, readonly string[]>} */
const helpers = new Map();
/** Those that put load on them. @type {WeakSet<import('node:child_process').ChildProcess>} */
const loads = new WeakSet();
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM']))
  process.on(signal, () => process.exit(130));

/**
 * Starts a server and waits for its line `listening on http://…`. Rejects with its output when that line does not come.
 * @param {Program} program
 * @returns {Promise<Running>}
 */
export async function startServer(program) {
  const child = start(program);
  const url = await readyLine(child, program);
  listensAt(child, url);
  return { pid: Number(child.pid), url, stop: () => stop(child) };
}

/**
 * Runs a program to its end.
 * @param {Program} program
 * @returns {Promise<string>} its standard output; rejects with its standard error where it fails
 */
export async function runProgram(program) {
  const child = start(program);
  const output = collect(child);
  const [code] = await once(child, 'close');
  if (code === 0) return output.stdout;
  throw new Error(`${program.command} ${program.args.join(' ')} failed (${code}): ${output.stderr}`);
}

/** @param {import('node:child_process').ChildProcess} child @param {string} url which makes it a server */
export function listensAt(child, url) {
  urls.set(child, url);
}

/** @param {string} caller the URL of a server @param {...string} urls of the servers that it calls or shares a database with */
export function worksWith(caller, ...urls) {
  helpers.set(caller, urls);
}

/**
 * Runs a program that puts load on a server, once that server is idle or only works for other load. Meanwhile the servers
 * that are neither this one nor work with it are stopped, because their pending work would run on the same core.
 * @param {Program} program
 * @param {string} url of the server
 * @returns {Promise<string>} as `runProgram`
 */
export async function runLoad(program, url) {
  const working = [url, ...(helpers.get(url) ?? [])];
  const others = [...alive].filter((child) => {
    const urlOfServer = urls.get(child);
    return urlOfServer !== undefined && !working.includes(urlOfServer);
  });
  for (const other of others) other.kill('SIGSTOP');
  try {
    await atRest(url);
    return await runProgram(program);
  } finally {
    for (const other of others) other.kill('SIGCONT');
  }
}

/**
 * Waits until a server is idle, or until a timeout. Does not wait for a server that is under load.
 * @param {string} url of the server
 */
export async function atRest(url) {
  const running = [...alive];
  const server = running.find((child) => urls.get(child) === url);
  if (server === undefined || running.some((child) => loads.has(child))) return;
  const until = performance.now() + REST_TIMEOUT_MS;
  let before = processorMs(Number(server.pid));
  while (before !== undefined && performance.now() < until) {
    await wait(REST.withinMs);
    const now = processorMs(Number(server.pid)) ?? 0;
    if (now - before <= REST.processorMs) return;
    before = now;
  }
}

/** @param {Program} program */
export function start({ command, args, env = {}, role }) {
  const [file, allArgs] = onCoreOf(role, command, args);
  const child = spawn(file, allArgs, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  alive.add(child);
  if (role === 'load') loads.add(child);
  child.once('exit', () => alive.delete(child));
  return child;
}

/** @param {import('node:child_process').ChildProcess} child that is killed where it does not end by itself */
export async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
}

/** Kills every process that still runs: after a failure, the code that would have stopped it may not run. */
export async function stopAll() {
  const running = [...alive].filter(({ pid }) => pid !== undefined);
  const ended = running.map((child) => once(child, 'exit'));
  for (const child of running) child.kill('SIGKILL');
  await Promise.all(ended);
}

/** @param {import('node:child_process').ChildProcess} child */
function collect(child) {
  const output = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    output.stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    output.stderr = (output.stderr + text).slice(-4_000);
  });
  return output;
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {Program} program
 * @returns {Promise<string>}
 */
function readyLine(child, { command, args }) {
  const output = collect(child);
  return new Promise((resolve, reject) => {
    const fail = (/** @type {string} */ why) => {
      clearTimeout(timer);
      reject(new Error(`${command} ${args.join(' ')} ${why}: ${output.stderr}${output.stdout}`));
    };
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail(`was not ready after ${START_TIMEOUT_MS} ms`);
    }, START_TIMEOUT_MS);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => fail(`ended with ${code}`));
    child.stdout?.on('data', () => {
      const [, url] = READY.exec(output.stdout) ?? [];
      if (url === undefined) return;
      clearTimeout(timer);
      child.removeAllListeners('exit');
      child.once('exit', () => alive.delete(child));
      resolve(url);
    });
  });
}

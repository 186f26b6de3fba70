/** A processor profile of `check` under load: the functions of the service that take the most time. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { startService } from '../contenders/service.mjs';
import { copyOf, prepareDatabase } from '../data/database.mjs';
import { root } from '../data/product.mjs';
import { drawTokens } from '../data/tokens.mjs';
import { checkRequest } from '../load/requests.mjs';
import { writeRequests } from '../load/requests-file.mjs';
import { saturate } from '../load/saturate.mjs';
import { warmUp } from '../load/warm-up.mjs';
import { tell } from '../machine/progress.mjs';

const KEYS = 1_000;
const DRAWS = 65_536;
const SECONDS = 10;
const TOP = 10;

/** V8's names for time in which no JavaScript function ran. */
const IDLE = new Set(['(idle)', '(root)']);

/**
 * @typedef {object} CpuProfile as the inspector's protocol has it
 * @property {{ id: number, callFrame: { functionName: string, url: string, lineNumber: number } }[]} nodes
 * @property {number[]} samples the node at each sample
 * @property {number[]} timeDeltas microseconds since the sample before
 */

export async function profile() {
  const prepared = await prepareDatabase(KEYS);
  const tokens = drawTokens(prepared, DRAWS);
  const requestsFile = writeRequests(tokens.map(checkRequest));
  const folder = mkdtempSync(path.join(tmpdir(), 'latchkey-bench-profile-'));
  try {
    const nodeArgs = ['--cpu-prof', `--cpu-prof-dir=${folder}`];
    const service = await startService(copyOf(prepared), { nodeArgs });
    await warmUp(service.url, tokens);
    tell(`check under load for ${SECONDS} s`);
    const perSecond = await saturate({ url: service.url, requestsFile }, SECONDS);
    await service.stop();
    console.log(`${Math.round(perSecond).toLocaleString('en')} checks a second while profiled`);
    for (const file of readdirSync(folder).sort()) report(path.join(folder, file));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} file the profile of one thread */
function report(file) {
  const times = selfTimes(JSON.parse(readFileSync(file, 'utf8')));
  const total = times.reduce((sum, { time }) => sum + time, 0);
  const [, , , , thread] = path.basename(file).split('.');
  console.log(`\nthread ${thread}, at work for ${(total / 1e6).toFixed(1)} s\nshare  function`);
  for (const { name, time } of times.slice(0, TOP))
    console.log(`${((time / total) * 100).toFixed(1).padStart(4)} %  ${name}`);
}

/** @param {CpuProfile} profile @returns {{ name: string, time: number }[]} the longest first */
function selfTimes({ nodes, samples, timeDeltas }) {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  /** @type {Map<string, number>} */
  const times = new Map();
  samples.forEach((id, index) => {
    const name = names.get(id) ?? '?';
    if (!IDLE.has(name)) times.set(name, (times.get(name) ?? 0) + (timeDeltas[index] ?? 0));
  });
  return [...times].map(([name, time]) => ({ name, time })).sort((a, b) => b.time - a.time);
}

/** @param {CpuProfile['nodes'][number]['callFrame']} frame */
function nameOf({ functionName, url, lineNumber }) {
  const name = functionName || '(anonymous)';
  if (url === '') return name;
  return `${name}  ${url.replace(`${pathToFileURL(root).href}/`, '')}:${lineNumber + 1}`;
}

/** Checks whether memory, open files and latency of a service stay constant under steady use. */
import { startService } from '../contenders/service.mjs';
import { copyOf, prepareDatabase } from '../data/database.mjs';
import { drawTokens } from '../data/tokens.mjs';
import { generate } from '../load/generate.mjs';
import { startMutations } from '../load/mutate.mjs';
import { checkRequest } from '../load/requests.mjs';
import { writeRequests } from '../load/requests-file.mjs';
import { warmUp } from '../load/warm-up.mjs';
import { tell } from '../machine/progress.mjs';
import { openFiles, residentBytes } from '../machine/resources.mjs';
import { median, slope } from '../report/statistics.mjs';

const KEYS = 100_000;
const DRAWS = 16_384;
const CONNECTIONS = 64;
const CHANGES_PER_SECOND = 20;
const SLICE_MS = 10_000;
const MEBIBYTE = 2 ** 20;

/** The first slices are warming up: caches fill and functions are compiled. */
const WARM_UP_SHARE = 0.2;

/** @typedef {{ minute: number, resident: number, files: number, p99: number, perSecond: number }} Slice */

/** @param {number} minutes */
export async function soak(minutes) {
  const prepared = await prepareDatabase(KEYS);
  const tokens = drawTokens(prepared, DRAWS);
  const requestsFile = writeRequests(tokens.map(checkRequest));
  const service = await startService(copyOf(prepared));
  tell('warming up');
  await warmUp(service.url, tokens);
  const rate = await halfOfMost(service.url, requestsFile);
  const mutations = await startMutations({ ...service, prepared }, CHANGES_PER_SECOND);
  /** @type {Slice[]} */
  const slices = [];
  const end = performance.now() + minutes * 60_000;
  const startedAt = performance.now();
  while (performance.now() < end) {
    const slice = await measure(service, requestsFile, rate, startedAt);
    slices.push(slice);
    tell(oneLine(slice));
  }
  const changes = await mutations.stop();
  await service.stop();
  report(slices, rate, changes);
}

/** @param {string} url @param {string} requestsFile */
async function halfOfMost(url, requestsFile) {
  const stream = { requestsFile, connections: CONNECTIONS, rate: null };
  const [result] = await generate(url, [stream], { warmUpMs: 1_000, durationMs: 3_000 });
  return (result?.perSecond ?? Number.NaN) / 2;
}

/**
 * @param {{ pid: number, url: string }} service
 * @param {string} requestsFile
 * @param {number} rate
 * @param {number} startedAt
 * @returns {Promise<Slice>}
 */
async function measure({ pid, url }, requestsFile, rate, startedAt) {
  const stream = { requestsFile, connections: CONNECTIONS, rate };
  const [result] = await generate(url, [stream], { warmUpMs: 500, durationMs: SLICE_MS });
  if (!result) throw new Error('The generator gave no result');
  return {
    minute: (performance.now() - startedAt) / 60_000,
    resident: (residentBytes(pid) ?? Number.NaN) / MEBIBYTE,
    files: openFiles(pid) ?? Number.NaN,
    p99: result.latencyMs.p99,
    perSecond: result.perSecond,
  };
}

/** @param {Slice} slice */
function oneLine({ resident, files, p99, perSecond }) {
  return `${Math.round(perSecond)}/s  p99 ${p99.toFixed(2)} ms  ${resident.toFixed(1)} MiB  ${files} files`;
}

/** @param {readonly Slice[]} slices @param {number} rate @param {number} changes */
function report(slices, rate, changes) {
  const settled = slices.slice(Math.floor(slices.length * WARM_UP_SHARE));
  const growth = slope(settled.map(({ minute: x, resident: y }) => ({ x, y })));
  const files = settled.map((slice) => slice.files);
  const half = Math.ceil(settled.length / 2);
  const p99 = (/** @type {readonly Slice[]} */ some) => median(some.map((slice) => slice.p99));
  console.log(
    [
      `load         ${Math.round(rate)} checks and ${changes.toFixed(1)} keys made and revoked a second`,
      `memory       ${growth.toFixed(2)} MiB a minute over ${settled.length} slices, ${settled.at(-1)?.resident.toFixed(1)} MiB at the end`,
      `open files   ${Math.min(...files)} to ${Math.max(...files)}`,
      `p99          ${p99(settled.slice(0, half)).toFixed(2)} ms in the first half, ${p99(settled.slice(half)).toFixed(2)} ms in the second`,
    ].join('\n'),
  );
}

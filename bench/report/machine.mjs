/** Describes the machine of the measurement, and what was left out. */
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import { hasNginx } from '../contenders/nginx.mjs';
import { root } from '../data/product.mjs';
import { saturationTool } from '../load/saturate.mjs';
import { canPin } from '../machine/cores.mjs';

/** @typedef {{ facts: string[], leftOut: string[] }} Circumstances */

/**
 * @param {number} seconds that a measurement takes
 * @returns {Circumstances} as they are now; best asked before the machine is at work
 */
export function circumstances(seconds) {
  const [{ model = 'unknown processor' } = {}] = cpus();
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  const load = loadavg()[0]?.toFixed(1) ?? '?';
  const pinning = canPin ? 'server on one core, load on another' : 'nothing pinned to a core';
  return {
    facts: [
      `commit ${commit()}`,
      `Node ${process.version}, ${process.platform} ${process.arch}`,
      `${cpus().length} × ${model.trim()}, ${gibibytes} GiB; load average ${load} before the start`,
      `${pinning}; throughput by ${saturationTool(seconds)}, latency by bench/load`,
    ],
    leftOut: hasNginx ? [] : ['nginx is not installed: not compared with'],
  };
}

function commit() {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { cwd: root, encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceProcess } from '../../harness/service-process.ts';

/** The module that counts in the service. */
export const WORK_PROBE = new URL('work-probe.preload.mjs', import.meta.url).href;

/** The most work in a turn of the event loop, and the longest event loop delay. */
export interface Work {
  readonly bytes: number;
  readonly values: number;
  readonly errors: number;
  readonly checks: number;
  readonly delayMs: number;
}

const LINE = /^work (.*)$/gm;
const POLL_MS = 2;

/** The work of a service that runs with `WORK_PROBE`, since the previous call. */
export async function readWork(service: ServiceProcess): Promise<Work> {
  const before = linesOf(service).length;
  process.kill(service.pid, 'SIGUSR2');
  for (;;) {
    const line = linesOf(service)[before];
    if (line !== undefined) return JSON.parse(line) as Work;
    await sleep(POLL_MS);
  }
}

function linesOf({ output }: ServiceProcess): string[] {
  return [...output.matchAll(LINE)].map(([, json = '']) => json);
}

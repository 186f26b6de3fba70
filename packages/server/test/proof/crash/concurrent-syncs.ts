import { readFileSync } from 'node:fs';
import { HttpClient } from '../../harness/http-client.ts';
import {
  type FirstWorkspace,
  initDataDir,
  type ServiceProcess,
  startService,
} from '../../harness/service-process.ts';
import { KEYS } from './change.ts';
import { tracer } from './sync-count.ts';

/** More than a database page, so that the log of the tracer contains every write in full. */
const SHOWN_BYTES = 5_000;

/** Ids are padded: `4711  1764000000.123456 pwrite64(21</data/latchkey.db-wal>, "…", 4096, 32) = 4096 <0.000021>` */
const CALL = /^(\d+) +(\d+\.\d+) (pwrite64|fdatasync|fsync)\(\d+<[^>]*latchkey\.db-wal>(.*)$/;
const SECONDS_TAKEN = /<(\d+\.\d+)>$/;
const NAME = /parallel-\d+-/g;

/** When a change was on the disk, and when it was acknowledged, in milliseconds since 1970. Never: Infinity. */
export interface TracedChange {
  readonly syncedAt: number;
  readonly acknowledgedAt: number;
}

/** Creates the given number of keys concurrently, and finds when the name of each was written to the WAL and synced. */
export async function syncsOfConcurrentChanges(
  dataDir: string,
  changes: number,
  preload?: string,
): Promise<{ changes: TracedChange[]; syncs: number }> {
  const owner = await initDataDir(dataDir);
  const log = `${dataDir}.strace`;
  const under = tracer(log, '-T', '-s', String(SHOWN_BYTES), '-e', 'trace=pwrite64,fsync,fdatasync');
  const service = await startService({ dataDir, under, preload });
  const startedAt = Date.now();
  const acknowledged = await createTogether(service, owner, changes);
  const { syncedAt, syncs } = readLog(log, startedAt);
  const traced = acknowledged.map(({ name, acknowledgedAt }) => {
    return { acknowledgedAt, syncedAt: syncedAt.get(name) ?? Number.POSITIVE_INFINITY };
  });
  return { changes: traced, syncs };
}

/** Stops the service, so that the log of its tracer is complete. */
async function createTogether(service: ServiceProcess, { key, userId }: FirstWorkspace, count: number) {
  const client = new HttpClient(service.url);
  const create = async (_: unknown, index: number) => {
    const name = `parallel-${index}-`;
    const { status } = await client.call('POST', KEYS, { as: key, body: { name, userId } });
    if (status !== 201) throw new Error(`a key was not made: ${status}`);
    return { name, acknowledgedAt: Date.now() };
  };
  try {
    return await Promise.all(Array.from({ length: count }, create));
  } finally {
    client.close();
    await service.stop();
  }
}

/** By name, when the first sync had ended that began after the name was written; and all syncs since the instant. */
function readLog(log: string, since: number): { syncedAt: Map<string, number>; syncs: number } {
  const lines = readFileSync(log, 'latin1').split('\n');
  const syncedAt = new Map<string, number>();
  const written = new Set<string>();
  let syncs = 0;
  for (const [index, line] of lines.entries()) {
    const [, thread = '', seconds, call, rest = ''] = CALL.exec(line) ?? [];
    if (call === undefined || Number(seconds) * 1_000 < since) continue;
    if (call === 'pwrite64') for (const [name] of rest.matchAll(NAME)) written.add(name);
    else {
      syncs++;
      const endedAt = endOf(thread, Number(seconds), rest, lines.slice(index + 1));
      for (const name of written) if (!syncedAt.has(name)) syncedAt.set(name, endedAt);
      written.clear();
    }
  }
  return { syncedAt, syncs };
}

/** When calls of other threads come in between, the tracer writes the end of a call on a separate line. */
function endOf(thread: string, beganAt: number, rest: string, following: readonly string[]): number {
  const taken = SECONDS_TAKEN.exec(rest);
  if (taken) return (beganAt + Number(taken[1])) * 1_000;
  const end = following.find((line) => line.startsWith(`${thread} `) && line.includes('resumed>'));
  return end === undefined ? Number.POSITIVE_INFINITY : Number(end.split(/ +/)[1]) * 1_000;
}

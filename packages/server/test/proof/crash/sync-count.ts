import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { HttpClient } from '../../harness/http-client.ts';
import { Random } from '../../harness/random.ts';
import { initDataDir, startService } from '../../harness/service-process.ts';
import type { Load } from './change.ts';
import { revokeSingle, updateSingle } from './key-changes.ts';
import { Ledger } from './ledger.ts';
import { createSingle, rotateSingle } from './mint-changes.ts';
import { Report } from './report.ts';

const TRACER = 'strace';

/** `1764000000.123456 fdatasync(21</data/latchkey.db-wal>) = 0`, also when a call of another thread is in between. */
const SYNC = /(\d+\.\d+) (?:fsync|fdatasync)\(\d+<[^>]*latchkey\.db(?:-wal)?>/gm;

/** The times at which changes were acknowledged, one after another, and at which the service synced the database. */
export interface SyncCount {
  /** Milliseconds since 1970. */
  readonly acknowledgedAt: readonly number[];
  /** When each `fsync` or `fdatasync` of the database began. */
  readonly syncedAt: readonly number[];
}

/** Why syncs cannot be counted here; null where they can. */
export function cannotTrace(): string | null {
  try {
    execFileSync(TRACER, ['-f', '-o', '/dev/null', 'true'], { stdio: 'ignore' });
    return null;
  } catch {
    return `${TRACER} is not installed, or may not trace here`;
  }
}

/** The command that runs a service under strace with the given options and writes to the log. */
export function tracer(log: string, ...options: string[]): string[] {
  return [TRACER, '-D', '-f', '-y', '-ttt', ...options, '-o', log];
}

/** Runs a service under strace and makes the given number of changes of all kinds. */
export async function countSyncs(dataDir: string, changes: number, preload?: string): Promise<SyncCount> {
  const owner = await initDataDir(dataDir);
  const log = `${dataDir}.strace`;
  const under = tracer(log, '-e', 'trace=fsync,fdatasync');
  const service = await startService({ dataDir, under, preload });
  const client = new HttpClient(service.url);
  const startedAt = Date.now();
  try {
    const acknowledgedAt = await makeChanges({ client, owner }, changes);
    return { acknowledgedAt, syncedAt: readSyncs(log).filter((at) => at >= startedAt) };
  } finally {
    client.close();
    await service.stop();
  }
}

async function makeChanges(by: Pick<Load, 'client' | 'owner'>, changes: number): Promise<number[]> {
  const report = new Report();
  const random = new Random(1);
  let made = 0;
  const load = { ...by, ledger: new Ledger(), report, random, cycle: 0, unique: () => `${++made}` };
  const acknowledgedAt: number[] = [];
  while (acknowledgedAt.length < changes && report.findings.length === 0) {
    const step = random.pick([createSingle, createSingle, updateSingle, rotateSingle, revokeSingle]);
    await step(load);
    while (acknowledgedAt.length < report.total) acknowledgedAt.push(Date.now());
  }
  if (report.findings.length > 0) throw new Error(JSON.stringify(report.findings));
  return acknowledgedAt;
}

function readSyncs(log: string): number[] {
  return [...readFileSync(log, 'utf8').matchAll(SYNC)].map(([, seconds]) => Number(seconds) * 1_000);
}

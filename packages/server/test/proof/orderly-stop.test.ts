import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seedFrom } from '../harness/random.ts';
import { type FirstWorkspace, initDataDir, startService } from '../harness/service-process.ts';
import { LOAD_CLIENT, stopUnderLoad } from './orderly-stop/stop-under-load.ts';
import { proofSize } from './sizes.ts';

const STOPS = proofSize('ORDERLY_STOPS');
const SEED = seedFrom('ORDERLY_STOPS_SEED');
/** The number of connections with calls, in turn. A tenth of that number is added as idle connections. */
const CONNECTIONS = [64, 128, 192];
/** A generous bound for a busy machine. */
const TIMEOUT = { timeout: 120_000 + STOPS * 30_000 };

let dataDir: string;
let owner: FirstWorkspace;
let client: ChildProcess;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'latchkey-stop-'));
  owner = await initDataDir(dataDir);
  client = fork(LOAD_CLIENT);
});
afterAll(() => {
  client.kill();
  rmSync(dataDir, { recursive: true });
});

test(
  `SIGTERM cuts no request whose first byte has arrived: ${STOPS} stops under load on kept connections`,
  TIMEOUT,
  async () => {
    const sum = { answered: 0, cut: [] as string[], wrong: [] as string[], slowestMs: 0 };
    for (let stop = 0; stop < STOPS; stop++) {
      const connections = CONNECTIONS[stop % CONNECTIONS.length] ?? 64;
      const load = { connections, seed: SEED + stop, runsMs: 300 + 17 * (stop % 20) };
      const service = await startService({ dataDir });
      const { report, stoppedInMs } = await stopUnderLoad(client, service, owner, load);
      sum.answered += report.answered;
      sum.cut.push(...report.cut.map((cut) => `stop ${stop}: ${cut}`));
      sum.wrong.push(...report.wrong.map((wrong) => `stop ${stop}: ${wrong}`));
      sum.slowestMs = Math.max(sum.slowestMs, stoppedInMs);
      expect(report.asked).toBe(report.answered + report.cut.length);
    }
    const { answered, cut, slowestMs } = sum;
    console.log(
      `${STOPS} stops, seed ${SEED}: ${answered} answered, ${cut.length} cut; the slowest stop took ${Math.round(slowestMs)} ms`,
    );
    expect(sum).toMatchObject({ cut: [], wrong: [] });
  },
);

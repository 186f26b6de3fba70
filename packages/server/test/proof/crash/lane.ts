import { HttpClient } from '../../harness/http-client.ts';
import { Random } from '../../harness/random.ts';
import {
  type FirstWorkspace,
  initDataDir,
  launchService,
  type ServiceProcess,
  startService,
} from '../../harness/service-process.ts';
import { repeatAnswered, repeatUnanswered, verifyKeys } from './after-restart.ts';
import { AuditTrail } from './audit-trail.ts';
import { expectSuccess, KEYS, type Load } from './change.ts';
import { ContendedKey } from './contended-key.ts';
import { CrashedStore } from './crashed-store.ts';
import { Ledger, type LedgerKey, pickFrom } from './ledger.ts';
import { runClients } from './load.ts';
import { QuotaWatch } from './quota-watch.ts';
import type { Report } from './report.ts';
import { compareKeys, settleDoubts, type Unanswered } from './settle.ts';

/** Milliseconds of load before the kill. */
const LOAD_MIN_MS = 5;
const LOAD_MAX_MS = 400;
/** Every `START_KILLED_EVERY` cycles, a start is killed too, at most `START_KILLED_WITHIN_MS` after it began. */
const START_KILLED_EVERY = 5;
const START_KILLED_WITHIN_MS = 1_500;
const INTEGRITY_EVERY = 5;
const CHAIN_EVERY = 5;
const QUOTAS_RENEWED_EVERY = 20;
/** A key is checked in the cycles after its last change; later only when it is in the sample, and at the end. */
const FRESH_CYCLES = 3;
const SAMPLE = 50;
const REPEATED_PER_CYCLE = 2;

export interface LaneOptions {
  readonly dataDir: string;
  readonly seed: number;
  readonly report: Report;
  /** Called before each cycle; false ends the run. */
  readonly goesOn: () => boolean;
  /** A module that runs in the server before its own code. */
  readonly preload?: string;
}

/** One data directory, and the cycles of load, kill, restart and check on it. */
export class Lane {
  readonly #options: LaneOptions;
  readonly #owner: FirstWorkspace;
  readonly #random: Random;
  readonly #ledger = new Ledger();
  readonly #quotas = new QuotaWatch();
  readonly #trail = new AuditTrail();
  #contended: ContendedKey | null = null;
  #cycle = 0;
  #unique = 0;

  private constructor(options: LaneOptions, owner: FirstWorkspace) {
    this.#options = options;
    this.#owner = owner;
    this.#random = new Random(options.seed);
  }

  /** Runs cycles until it is told to stop or the service no longer starts, and checks everything once more at the end. */
  static async run(options: LaneOptions): Promise<void> {
    const lane = new Lane(options, await initDataDir(options.dataDir));
    let service: ServiceProcess | null = await lane.#start();
    await lane.#prepare(service);
    while (service && options.goesOn()) service = await lane.#crash(service);
    if (service) await lane.#finish(service);
  }

  async #start(): Promise<ServiceProcess> {
    const { dataDir, preload, report } = this.#options;
    const service = await startService({ dataDir, preload });
    report.startsMs.push(service.startedInMs);
    return service;
  }

  /** A service that does not start after a crash has lost what it acknowledged: that is a finding, and null is returned. */
  async #startAgain(): Promise<ServiceProcess | null> {
    try {
      return await this.#start();
    } catch (error) {
      this.#options.report.find('lost', this.#cycle, `after the crash, ${String(error)}`);
      return null;
    }
  }

  /** One cycle: load, kill, check the file, restart, check the service. Returns null if the service no longer starts. */
  async #crash(service: ServiceProcess): Promise<ServiceProcess | null> {
    this.#cycle += 1;
    this.#options.report.cycles += 1;
    await this.#runLoad(service);
    const unanswered = await this.#inspect(Date.now());
    if (this.#cycle % START_KILLED_EVERY === 0) await this.#killStart();
    const next = await this.#startAgain();
    if (next) await this.#with(next, (load) => this.#ask(load, unanswered));
    return next;
  }

  async #runLoad(service: ServiceProcess): Promise<void> {
    let isKilled = false;
    const kill = (): void => {
      isKilled = true;
      void service.kill();
    };
    const timer = setTimeout(kill, LOAD_MIN_MS + this.#random.below(LOAD_MAX_MS - LOAD_MIN_MS));
    try {
      await this.#with(service, (load) => runClients(load, this.#contended, this.#quotas));
      const { report } = this.#options;
      if (!isKilled) report.find('unexpected', this.#cycle, `the service ended by itself: ${service.output}`);
    } finally {
      clearTimeout(timer);
      await service.kill();
    }
  }

  async #killStart(): Promise<void> {
    const { dataDir, preload } = this.#options;
    const service = launchService({ dataDir, preload });
    await new Promise((resolve) => setTimeout(resolve, this.#random.below(START_KILLED_WITHIN_MS)));
    await service.kill();
  }

  async #inspect(killedAt: number): Promise<Unanswered[]> {
    const { dataDir, report } = this.#options;
    const cycle = this.#cycle;
    const store = await CrashedStore.open(dataDir);
    try {
      for (const broken of store.brokenInvariants()) report.find('half applied', cycle, broken);
      if (cycle % INTEGRITY_EVERY === 0)
        for (const damage of store.damage()) report.find('lost', cycle, damage);
      const aftermath = { store, ledger: this.#ledger, report, cycle, killedAt };
      const unanswered = settleDoubts(aftermath);
      this.#trail.settle(store, report, cycle);
      compareKeys(aftermath, this.#keysToCheck());
      if (this.#contended) this.#contended.settle(store.key(this.#contended.id), report, cycle);
      return unanswered;
    } finally {
      store.close();
    }
  }

  async #ask(load: Load, unanswered: readonly Unanswered[]): Promise<void> {
    for (const call of unanswered) await repeatUnanswered(load, call);
    await repeatAnswered(load, REPEATED_PER_CYCLE);
    await verifyKeys(load, this.#keysToCheck());
    await this.#quotas.look(load);
    if (this.#cycle % CHAIN_EVERY === 0) await this.#trail.verify(load);
    if (this.#cycle % QUOTAS_RENEWED_EVERY === 0) await this.#quotas.renew(load);
  }

  #keysToCheck(): Set<LedgerKey> {
    const fresh = this.#ledger.touchedSince(this.#cycle - FRESH_CYCLES + 1);
    const all = [...this.#ledger.keys.values()];
    const sample = Array.from({ length: SAMPLE }, () => pickFrom(this.#random, all));
    return new Set([...fresh, ...sample.filter((key) => key !== undefined)]);
  }

  async #prepare(service: ServiceProcess): Promise<void> {
    await this.#with(service, async (load) => {
      const body = { name: 'contended', userId: load.owner.userId, permissions: [] };
      const answer = await load.client.call('POST', KEYS, { as: load.owner.key, body });
      if (expectSuccess(load, 'POST', KEYS, answer)) {
        this.#contended = new ContendedKey(answer.body.data.result.apiKey.id);
      }
      await this.#quotas.renew(load);
    });
  }

  async #finish(service: ServiceProcess): Promise<void> {
    await this.#with(service, async (load) => {
      await verifyKeys(load, this.#ledger.keys.values());
      await this.#trail.verify(load);
    });
    const code = await service.stop();
    const { report, dataDir } = this.#options;
    if (code !== 0)
      report.find('unexpected', this.#cycle, `SIGTERM ended it with ${code}: ${service.output}`);
    const store = await CrashedStore.open(dataDir);
    const aftermath = { store, ledger: this.#ledger, report, cycle: this.#cycle, killedAt: Date.now() };
    compareKeys(aftermath, this.#ledger.keys.values());
    this.#trail.settle(store, report, this.#cycle);
    this.#trail.tell(report);
    for (const damage of store.damage()) report.find('lost', this.#cycle, damage);
    store.close();
  }

  async #with(service: ServiceProcess, work: (load: Load) => Promise<void>): Promise<void> {
    const client = new HttpClient(service.url);
    try {
      await work({
        client,
        owner: this.#owner,
        ledger: this.#ledger,
        report: this.#options.report,
        random: this.#random,
        cycle: this.#cycle,
        unique: () => `${this.#cycle}-${++this.#unique}`,
      });
    } finally {
      client.close();
    }
  }
}

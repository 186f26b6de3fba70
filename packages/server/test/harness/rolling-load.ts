import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

const CHECK = '/api/v2/api-keys/check';
const READY = '/health/ready';
/** Milliseconds between two questions whether an instance is ready. */
const READY_MS = 200;
const TICK_MS = 5;
const SOCKETS_MAX = 64;
/** Milliseconds in which a call must be answered, over all instances. */
const ANSWER_MS_MAX = 5_000;
const PAUSE_MS = 20;

/** What came of the calls of a load. */
export interface LoadReport {
  readonly asked: number;
  readonly answered: number;
  /** Calls that an instance did not take, so that they were sent to another one. */
  readonly elsewhere: number;
  /** Calls that were cut, denied or not answered in time, each with the reason. */
  readonly failed: readonly string[];
  readonly slowestMs: number;
}

/** No byte of an answer came: no connection was made, or the server closed it before it read the call. */
class NotTaken extends Error {}

/**
 * Verifications at a constant rate over several instances, over kept connections, as a load balancer sends them: to instances
 * that are ready, and a call that an instance does not take goes to the next one. Calls do not wait for earlier ones.
 */
export class RollingLoad {
  readonly #key: string;
  readonly #rate: number;
  readonly #agents = new Map<string, Agent>();
  readonly #pending = new Set<Promise<void>>();
  readonly #failed: string[] = [];
  #timer: NodeJS.Timeout | null = null;
  #asked = 0;
  #answered = 0;
  #elsewhere = 0;
  #slowestMs = 0;

  constructor(key: string, perSecond: number) {
    this.#key = key;
    this.#rate = perSecond;
  }

  /** From now on until it is not ready. */
  add(url: string): void {
    this.#agents.set(url, new Agent({ keepAlive: true, maxSockets: SOCKETS_MAX }));
    void this.#watch(url);
  }

  /** Sends it no more calls; those that wait for an answer go on. */
  remove(url: string): void {
    this.#agents.delete(url);
  }

  start(): void {
    const begun = performance.now();
    this.#timer = setInterval(() => {
      const due = Math.floor(((performance.now() - begun) / 1_000) * this.#rate);
      while (this.#asked < due) this.#ask();
    }, TICK_MS);
  }

  async #watch(url: string): Promise<void> {
    while (this.#agents.has(url)) {
      const status = await fetch(url + READY).then(
        (answer) => answer.status,
        () => 0,
      );
      if (status !== 200) return this.remove(url);
      await pause(READY_MS);
    }
  }

  async end(): Promise<LoadReport> {
    if (this.#timer) clearInterval(this.#timer);
    await Promise.all(this.#pending);
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
    return {
      asked: this.#asked,
      answered: this.#answered,
      elsewhere: this.#elsewhere,
      failed: this.#failed,
      slowestMs: this.#slowestMs,
    };
  }

  #ask(): void {
    const number = this.#asked++;
    const begun = performance.now();
    const call = this.#send(number, begun)
      .then(() => {
        this.#answered++;
        this.#slowestMs = Math.max(this.#slowestMs, performance.now() - begun);
      })
      .catch((error: Error) => void this.#failed.push(error.message))
      .finally(() => this.#pending.delete(call));
    this.#pending.add(call);
  }

  /** Takes the instances in turn, beginning with another one for each call. */
  async #send(number: number, begun: number): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const targets = [...this.#agents];
      const [url, agent] = targets[(number + attempt) % targets.length] ?? [];
      try {
        if (url === undefined || agent === undefined) throw new NotTaken('there is no instance');
        return await check(url, agent, this.#key);
      } catch (error) {
        const isLate = performance.now() - begun > ANSWER_MS_MAX;
        if (!(error instanceof NotTaken) || isLate) throw error;
        this.#elsewhere++;
        if (targets.length === 0 || attempt % targets.length === targets.length - 1) await pause(PAUSE_MS);
      }
    }
  }
}

function check(url: string, agent: Agent, key: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url + CHECK,
      { agent, headers: { authorization: `Bearer ${key}` } },
      (answer) => {
        answer.on('error', reject).on('end', () => {
          if (answer.statusCode === 200 && answer.complete) resolve();
          else reject(new Error(`status ${answer.statusCode}`));
        });
        answer.resume();
      },
    );
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      // On a kept connection, the server may close it while the call is on its way; a balancer sends it elsewhere.
      const isIdleClose = outgoing.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(error.code ?? '');
      const isUntaken = error.code === 'ECONNREFUSED' || isIdleClose;
      reject(isUntaken ? new NotTaken(error.message) : new Error(`cut: ${error.message}`));
    });
    outgoing.end();
  });
}

import { setTimeout as wait } from 'node:timers/promises';
import type { HttpClient } from '../../harness/http-client.ts';
import type { Random } from '../../harness/random.ts';
import type { FirstWorkspace } from '../../harness/service-process.ts';

const KEYS = '/api/v2/api-keys';
const TURN_MS = 50;
/** Calls without an answer: fewer than the service works on for one workspace. */
const OPEN_MAX = 30;
/** The service had no room for the call, and has done nothing. */
const UNAVAILABLE = 503;

/** Keys of which it is known what the service has acknowledged. */
export interface Acknowledged {
  /** The texts of the keys that were created, by id. */
  readonly created: ReadonlyMap<string, string>;
  readonly revoked: ReadonlySet<string>;
}

/** Creates and revokes keys all the time, at a steady rate, and remembers what was acknowledged. */
export class ChangingKeys {
  readonly #client: HttpClient;
  readonly #owner: FirstWorkspace;
  readonly #random: Random;
  readonly #created = new Map<string, string>();
  /** Neither revoked nor about to be. */
  readonly #living: string[] = [];
  readonly #asked = new Set<string>();
  readonly #revoked = new Set<string>();
  readonly #stop = new AbortController();
  #running: Promise<void> | null = null;

  constructor(client: HttpClient, owner: FirstWorkspace, random: Random) {
    this.#client = client;
    this.#owner = owner;
    this.#random = random;
  }

  get changes(): number {
    return this.#created.size + this.#revoked.size;
  }

  start(changesPerSecond: number): void {
    const perTurn = Math.ceil((changesPerSecond * TURN_MS) / 1_000);
    this.#running = this.#change(perTurn);
    // `stop` rejects with it.
    this.#running.catch(() => {});
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  acknowledged(): Acknowledged {
    return { created: new Map(this.#created), revoked: new Set(this.#revoked) };
  }

  /** Was it ever asked to revoke the key? */
  mayBeRevoked(id: string): boolean {
    return this.#asked.has(id);
  }

  /** Does not wait for answers before it goes on, unless too many are open. */
  async #change(perTurn: number): Promise<void> {
    const open = new Set<Promise<void>>();
    let due = performance.now();
    while (!this.#stop.signal.aborted) {
      for (let count = 0; count < perTurn && open.size < OPEN_MAX; count++) {
        const change = this.#one();
        open.add(change);
        void change.finally(() => open.delete(change)).catch(() => {});
      }
      if (open.size >= OPEN_MAX) await Promise.race(open);
      due += TURN_MS;
      await wait(Math.max(0, due - performance.now()));
    }
    await Promise.all(open);
  }

  #one(): Promise<void> {
    return this.#random.chance(0.6) || this.#living.length === 0 ? this.#create() : this.#revoke();
  }

  async #create(): Promise<void> {
    const { key: as, userId } = this.#owner;
    const body = { name: 'changing', userId, permissions: [] };
    const answer = await this.#client.call('POST', KEYS, { as, body });
    if (answer.status === UNAVAILABLE) return;
    if (answer.status !== 201) throw new Error(`a key was not created: ${answer.text}`);
    const { apiKey, key } = answer.body.data.result;
    this.#created.set(apiKey.id, key);
    this.#living.push(apiKey.id);
  }

  async #revoke(): Promise<void> {
    const [id = ''] = this.#living.splice(this.#random.below(this.#living.length), 1);
    this.#asked.add(id);
    const answer = await this.#client.call('DELETE', `${KEYS}/${id}`, { as: this.#owner.key });
    if (answer.status === UNAVAILABLE) this.#living.push(id);
    else if (answer.status === 200) this.#revoked.add(id);
    else throw new Error(`a key was not revoked: ${answer.text}`);
  }
}

import { setTimeout as wait } from 'node:timers/promises';
import type { HttpClient } from '../../harness/http-client.ts';
import type { Random } from '../../harness/random.ts';
import type { FirstWorkspace } from '../../harness/service-process.ts';

const KEYS = '/api/v2/api-keys';
const TURN_MS = 50;

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

  async #change(perTurn: number): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const began = performance.now();
      await Promise.all(
        Array.from({ length: perTurn }, () =>
          this.#random.chance(0.6) || this.#living.length === 0 ? this.#create() : this.#revoke(),
        ),
      );
      await wait(Math.max(0, TURN_MS - (performance.now() - began)));
    }
  }

  async #create(): Promise<void> {
    const { key: as, userId } = this.#owner;
    const body = { name: 'changing', userId, permissions: [] };
    const answer = await this.#client.call('POST', KEYS, { as, body });
    if (answer.status !== 201) throw new Error(`a key was not created: ${answer.text}`);
    const { apiKey, key } = answer.body.data.result;
    this.#created.set(apiKey.id, key);
    this.#living.push(apiKey.id);
  }

  async #revoke(): Promise<void> {
    const [id = ''] = this.#living.splice(this.#random.below(this.#living.length), 1);
    this.#asked.add(id);
    const answer = await this.#client.call('DELETE', `${KEYS}/${id}`, { as: this.#owner.key });
    if (answer.status !== 200) throw new Error(`a key was not revoked: ${answer.text}`);
    this.#revoked.add(id);
  }
}

import type { AuditEventType } from '@latchkey/contract';
import type { Random } from '../../harness/random.ts';
import type { Answer, TestService } from '../../harness/test-service.ts';

const KEYS = '/api/v2/api-keys';

interface Known {
  readonly id: string;
  secret: string;
  readonly parent: Known | null;
  isRevoked: boolean;
}

/** Makes random changes over HTTP and counts the entries that the log must have of each type. */
export class Changes {
  readonly counts = new Map<AuditEventType, number>();
  readonly #service: TestService;
  readonly #random: Random;
  readonly #keys: Known[] = [];

  constructor(service: TestService, random: Random) {
    this.#service = service;
    this.#random = random;
  }

  async play(calls: number): Promise<void> {
    for (let played = 0; played < calls; played++) {
      const key = this.#random.chance(0.7) ? this.#pick() : null;
      if (key) await this.#random.pick([this.#update, this.#rotate, this.#revoke]).call(this, key);
      else await this.#random.pick([this.#create, this.#create, this.#changeMany, this.#fail]).call(this);
    }
  }

  /** Sometimes repeats the call, which must change nothing. */
  async #create(): Promise<void> {
    const parent = this.#random.chance(0.6) ? this.#pick() : null;
    const as = parent?.secret ?? this.#service.owner.secret;
    const permissions = ['calls:read', 'api-keys:write'];
    const body = { name: this.#name(), userId: this.#service.owner.userId, permissions };
    const headers = { 'idempotency-key': String(this.#random.next()) };
    const { apiKey, key: secret } = await this.#call('POST', KEYS, { as, body, headers });
    if (this.#random.chance(0.3)) await this.#call('POST', KEYS, { as, body, headers });
    this.#keys.push({ id: apiKey.id, secret, parent, isRevoked: false });
    this.#count('api-key.created', 1);
  }

  async #update({ id }: Known): Promise<void> {
    await this.#call('PATCH', `${KEYS}/${id}`, { body: { name: this.#name() } });
    this.#count('api-key.updated', 1);
  }

  async #rotate(key: Known): Promise<void> {
    const answer = await this.#call('POST', `${KEYS}/${key.id}/rotate`, { body: {} });
    key.secret = answer.key;
    this.#count('api-key.rotated', 1);
  }

  /** Sends the call twice; the second must change nothing. */
  async #revoke(key: Known): Promise<void> {
    if (this.#random.chance(0.5)) return;
    const cascade = this.#random.chance(0.5);
    await this.#call('DELETE', `${KEYS}/${key.id}`, { body: { cascade } });
    this.#bury(this.#keys.filter((other) => other === key || (cascade && descends(other, key))));
    await this.#call('DELETE', `${KEYS}/${key.id}`, { body: {} });
  }

  /** Each call contains an unknown key, which fails without affecting the others. */
  async #changeMany(): Promise<void> {
    const renamed = this.#random.subset(this.#living, 0.2);
    const apiKeys = [...renamed, { id: 'key_unknown' }].map(({ id }) => ({ id, name: this.#name() }));
    await this.#call('PUT', KEYS, { body: { apiKeys } });
    this.#count('api-key.updated', renamed.length);
    const revoked = this.#random.subset(this.#living, 0.1);
    await this.#call('DELETE', KEYS, { body: { ids: [...revoked.map(({ id }) => id), 'key_unknown'] } });
    this.#bury(revoked);
  }

  async #fail(): Promise<void> {
    const body = { name: this.#name(), userId: 'usr_unknown' };
    await this.#call('POST', KEYS, { body }, 404);
  }

  async #call(
    method: string,
    url: string,
    options: { as?: string; body: object; headers?: Record<string, string> },
    status = method === 'POST' && url === KEYS ? 201 : 200,
  ): Promise<Answer['body']> {
    const answer = await this.#service.call(method, url, { as: this.#service.owner.secret, ...options });
    if (answer.status !== status) throw new Error(`${method} ${url}: ${JSON.stringify(answer.body)}`);
    return answer.body.data.result;
  }

  get #living(): Known[] {
    return this.#keys.filter(({ isRevoked }) => !isRevoked);
  }

  #pick(): Known | null {
    const living = this.#living;
    return living.length === 0 ? null : this.#random.pick(living);
  }

  #bury(keys: readonly Known[]): void {
    const living = keys.filter(({ isRevoked }) => !isRevoked);
    for (const key of living) key.isRevoked = true;
    this.#count('api-key.revoked', living.length);
  }

  #name(): string {
    return `key ${this.#random.below(1_000)}${this.#random.pick(['', ' é', ' "', ' 👍'])}`;
  }

  #count(type: AuditEventType, count: number): void {
    this.counts.set(type, (this.counts.get(type) ?? 0) + count);
  }
}

function descends({ parent }: Known, ancestor: Known): boolean {
  return parent !== null && (parent === ancestor || descends(parent, ancestor));
}

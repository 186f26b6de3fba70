import type { Keyring } from '../shared/keyring.ts';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import type { Key } from './key.ts';
import type { KeyLookup, KeyStores } from './key-store.ts';

/** The maximum number of secrets that wait to be rehashed; more are rehashed at a later use. */
const WAITING_MAX = 10_000;
/** The number of secrets in one transaction. */
const BATCH = 100;

export interface SecretRehashNeeds {
  readonly unitOfWork: UnitOfWork<Pick<KeyStores, 'keys' | 'audit'>>;
  readonly lookup: Pick<KeyLookup, 'findByDigest'>;
  readonly keyring: Keyring;
}

/** The two digests of a secret. */
interface Rehashed {
  readonly from: string;
  readonly to: string;
}

/**
 * Stores the secrets of keys in use under digests of the current pepper, while it replaces an older one. Only a use shows the
 * text of a key, from which the digest is made.
 */
export class SecretRehash {
  readonly #needs: SecretRehashNeeds;
  /** By workspace and older digest. */
  readonly #waiting = new Map<string, Map<string, Rehashed>>();
  #count = 0;

  constructor(needs: SecretRehashNeeds) {
    this.#needs = needs;
  }

  /** Call it when a key is stored under the digest of another pepper. False: too many wait, so call it at a later use. */
  add(keyText: string, { workspaceId }: Pick<Key, 'workspaceId'>): boolean {
    const { keyring } = this.#needs;
    if (!keyring.isReplacing) return true;
    if (this.#count >= WAITING_MAX) return false;
    const to = keyring.digest(keyText);
    const ofWorkspace = this.#waiting.get(workspaceId) ?? new Map<string, Rehashed>();
    this.#waiting.set(workspaceId, ofWorkspace);
    for (const from of keyring.digests(keyText)) {
      if (from === to || ofWorkspace.has(from)) continue;
      ofWorkspace.set(from, { from, to });
      this.#count++;
    }
    return true;
  }

  /** Rehashes what waits, in several transactions. If one fails, its secrets and those after it go on waiting. */
  async flush(): Promise<void> {
    for (const [workspaceId, secrets] of this.#waiting) {
      while (secrets.size > 0) {
        const batch = [...secrets.values()].slice(0, BATCH);
        await this.#write(workspaceId, batch);
        for (const { from } of batch) secrets.delete(from);
        this.#count -= batch.length;
      }
      this.#waiting.delete(workspaceId);
    }
  }

  /** The digest under which the secret of a key is stored now: that of the current pepper, if it replaces an older one. */
  async storedDigest(keyText: string): Promise<string> {
    const { keyring, lookup } = this.#needs;
    const digests = keyring.digests(keyText);
    const to = keyring.digest(keyText);
    if (digests.length === 1) return to;
    for (const from of digests) {
      const record = await lookup.findByDigest(from);
      if (!record || from === to) continue;
      if (!keyring.isReplacing) return from;
      await this.#write(record.key.workspaceId, [{ from, to }]);
    }
    return to;
  }

  async #write(workspaceId: string, secrets: readonly Rehashed[]): Promise<void> {
    await this.#needs.unitOfWork.transact(async ({ keys, audit }) => {
      await audit.head(workspaceId);
      for (const { from, to } of secrets) await keys.rehash(workspaceId, from, to);
    });
  }
}

import { expectSuccess, KEYS, type Load } from './change.ts';
import type { StoredKey } from './crashed-store.ts';
import type { Report } from './report.ts';

/** The key that all clients rename concurrently: each acknowledged name must have a different version. */
export class ContendedKey {
  readonly id: string;
  /** Where the cycle began. */
  #version = 1;
  #acknowledged: { readonly version: number; readonly name: string }[] = [];
  readonly #inDoubt = new Set<string>();

  constructor(id: string) {
    this.id = id;
  }

  async rename(load: Load): Promise<void> {
    const name = `plain-${load.unique()}`;
    const path = `${KEYS}/${this.id}`;
    this.#inDoubt.add(name);
    const answer = await load.client.call('PATCH', path, { as: load.owner.key, body: { name } });
    this.#inDoubt.delete(name);
    if (!expectSuccess(load, 'PATCH', path, answer)) return;
    this.#acknowledged.push({ version: Number(String(answer.headers.etag).replaceAll('"', '')), name });
    load.report.acknowledge('contended update');
  }

  /** Compares the database file with what was acknowledged since the last comparison. */
  settle(stored: StoredKey | null, report: Report, cycle: number): void {
    for (const problem of this.#problems(stored)) report.find('lost', cycle, `contended key: ${problem}`);
    this.#version = stored?.state.version ?? this.#version;
    this.#acknowledged = [];
    this.#inDoubt.clear();
  }

  #problems(stored: StoredKey | null): string[] {
    if (!stored) return ['is gone'];
    const { version, name } = stored.state;
    const versions = new Set(this.#acknowledged.map((acknowledged) => acknowledged.version));
    const latest = this.#acknowledged.toSorted((a, b) => a.version - b.version).at(-1);
    const unexplained = version - this.#version - this.#acknowledged.length;
    const problems: string[] = [];
    if (versions.size < this.#acknowledged.length) problems.push('two answers have the same version');
    if (latest && version < latest.version) problems.push(`is at ${version}, after ${latest.version}`);
    if (unexplained < 0) problems.push(`${-unexplained} updates are missing`);
    if (unexplained > this.#inDoubt.size) problems.push(`${unexplained} updates that no client sent`);
    if (latest && version === latest.version && name !== latest.name) problems.push(`is named ${name}`);
    if (latest && version > latest.version && !this.#inDoubt.has(name)) problems.push(`is named ${name}`);
    return problems;
  }
}

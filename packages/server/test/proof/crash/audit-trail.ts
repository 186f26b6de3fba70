import { isDeepStrictEqual } from 'node:util';
import { type ChainVerdict, verifyChain } from '../../../src/domain/audit/chain-check.ts';
import { expectSuccess, type Load } from './change.ts';
import type { CrashedStore, StoredEntry } from './crashed-store.ts';
import type { KeyState } from './ledger.ts';
import type { Report } from './report.ts';

/** The state of a key as its audit entries describe it, computed from all of its changes. */
interface Facts {
  readonly name: string;
  readonly hint: string;
  readonly isActive: boolean;
  readonly expiresAt: string | null;
  readonly rateLimit: { readonly requestsPerMinute: number | null; readonly requestsPerDay: number | null };
  readonly revokedAt: string | null;
  readonly revokedReason: string | null;
  readonly version: number;
}

const EXPORT = '/api/v2/workspaces/logs/export';

/**
 * The audit log of one data directory, read on after each crash. Replaying its entries in order must give the keys as they
 * are stored: then each change has exactly one entry, and each entry a change.
 */
export class AuditTrail {
  readonly #keys = new Map<string, Facts>();
  #last = { sequence: 0, hash: '' };
  /** Entries about keys so far. */
  #entries = 0;

  /** Reads the new entries from the file of a killed process. */
  settle(store: CrashedStore, report: Report, cycle: number): void {
    const { sequence, hash } = this.#last;
    if (sequence > 0 && store.entryHash(sequence) !== hash)
      report.find('lost', cycle, `the audit entry ${sequence}, which an earlier crash had left`);
    const touched = new Set<string>();
    for (const entry of store.entriesAfter(sequence)) {
      this.#last = entry;
      if (!entry.eventType.startsWith('api-key.')) continue;
      touched.add(entry.target);
      const problem = this.#replay(entry);
      if (problem) report.find('half applied', cycle, `audit entry ${entry.sequence}: ${problem}`);
    }
    for (const id of touched) this.#compare(store, id, report, cycle);
    const changes = store.changes();
    if (changes !== this.#entries)
      report.find('half applied', cycle, `${changes} changes of keys with ${this.#entries} audit entries`);
  }

  /** Exports the whole log from the restarted service: its chain must be valid and continue the entries read so far. */
  async verify({ client, owner, report, cycle }: Load): Promise<void> {
    const answer = await client.call('GET', EXPORT, { as: owner.key });
    if (!expectSuccess({ report, cycle }, 'GET', EXPORT, answer)) return;
    const known = this.#last.sequence > 0 ? this.#last : null;
    const verdict: ChainVerdict = verifyChain(answer.text.trimEnd().split('\n'), known);
    if (!verdict.isIntact)
      report.find('lost', cycle, `the audit chain: ${verdict.tampering} at ${verdict.sequence}`);
    report.chainsVerified += 1;
  }

  /** Adds the counts to the report at the end. */
  tell(report: Report): void {
    report.auditEntries += this.#entries;
  }

  #replay({ target, after }: StoredEntry): string | null {
    const before = this.#keys.get(target);
    const version = (before?.version ?? 0) + 1;
    this.#entries += 1;
    const facts = { ...before, ...(after as Partial<Facts>) } as Facts;
    this.#keys.set(target, facts);
    return facts.version === version ? null : `version ${facts.version} of ${target} instead of ${version}`;
  }

  #compare(store: CrashedStore, id: string, report: Report, cycle: number): void {
    const told = this.#keys.get(id);
    const stored = store.key(id)?.state ?? null;
    if (told && stored && isDeepStrictEqual(shownOf(stored), factsOf(told))) return;
    const what = `the audit log has ${JSON.stringify(told)} where there is ${JSON.stringify(stored)}`;
    report.find('half applied', cycle, what);
  }
}

function factsOf(facts: Facts): unknown[] {
  const { name, hint, isActive, expiresAt, rateLimit, revokedAt, revokedReason, version } = facts;
  const { requestsPerMinute, requestsPerDay } = rateLimit;
  const limits = [requestsPerMinute, requestsPerDay];
  return [name, hint, isActive, expiresAt, ...limits, revokedAt !== null, revokedReason, version];
}

function shownOf(state: KeyState): unknown[] {
  const { name, hint, isActive, requestsPerMinute, requestsPerDay, isRevoked, revokedReason, version } =
    state;
  const expiresAt = state.expiresAt === null ? null : new Date(state.expiresAt).toISOString();
  const limits = [requestsPerMinute, requestsPerDay];
  return [name, hint, isActive, expiresAt, ...limits, isRevoked, revokedReason, version];
}

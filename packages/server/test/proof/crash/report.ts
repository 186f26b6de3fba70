/** A failure: an acknowledged change that was lost, a partial change, or a wrong answer. */
export interface Finding {
  readonly kind: 'lost' | 'half applied' | 'unexpected';
  readonly cycle: number;
  readonly what: string;
}

/** The results of a run with many crashes. */
export class Report {
  readonly findings: Finding[] = [];
  readonly acknowledged = new Map<string, number>();
  readonly inDoubt = { applied: 0, absent: 0 };
  readonly startsMs: number[] = [];
  /** Repeated calls whose answer was lost in the crash. */
  repeated = 0;
  cycles = 0;
  /** Entries about keys; as many as there were changes of keys, unless a finding says otherwise. */
  auditEntries = 0;
  chainsVerified = 0;

  find(kind: Finding['kind'], cycle: number, what: string): void {
    this.findings.push({ kind, cycle, what });
  }

  acknowledge(kind: string, count = 1): void {
    this.acknowledged.set(kind, (this.acknowledged.get(kind) ?? 0) + count);
  }

  resolve(isApplied: boolean): void {
    this.inDoubt[isApplied ? 'applied' : 'absent'] += 1;
  }

  count(kind: Finding['kind']): number {
    return this.findings.filter((finding) => finding.kind === kind).length;
  }

  /** Acknowledged changes of all kinds. */
  get total(): number {
    return [...this.acknowledged.values()].reduce((sum, count) => sum + count, 0);
  }

  get slowestStartMs(): number {
    return Math.max(...this.startsMs);
  }

  /** One line. */
  summary(): string {
    const sorted = this.startsMs.toSorted((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
    const acks = [...this.acknowledged]
      .toSorted()
      .map(([kind, count]) => `${kind} ${count}`)
      .join(', ');
    const { applied, absent } = this.inDoubt;
    return [
      `${this.cycles} cycles of kill -9`,
      `acknowledged: ${acks}`,
      `in doubt: ${applied} there, ${absent} absent, ${this.repeated} repeated`,
      `audit entries: ${this.auditEntries}, chain verified ${this.chainsVerified} times`,
      `lost ${this.count('lost')}, half applied ${this.count('half applied')}`,
      `starts: median ${Math.round(median)} ms, slowest ${Math.round(this.slowestStartMs)} ms`,
    ].join('; ');
  }
}

import { endpointAt } from '../../harness/contract-checker.ts';
import { OPERATIONS } from './operations.ts';

const ELSEWHERE = '(no operation)';

/** Counts the answers by operation and status. */
export class Tally {
  readonly #counts = new Map<string, Map<number, number>>();
  total = 0;
  slowestMs = 0;

  add(method: string, url: string, status: number, ms: number): void {
    const operation = endpointAt(method, url)?.id ?? ELSEWHERE;
    const statuses = this.#counts.get(operation) ?? new Map<number, number>();
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    this.#counts.set(operation, statuses);
    this.total++;
    this.slowestMs = Math.max(this.slowestMs, ms);
  }

  /** How many answers of the operation have a status from `from` up to, and without, `to`. */
  count(operation: string, from: number, to: number): number {
    const statuses = [...(this.#counts.get(operation) ?? [])];
    return statuses
      .filter(([status]) => status >= from && status < to)
      .reduce((sum, [, count]) => sum + count, 0);
  }

  /** A row for each operation, a column for each status. */
  table(): string {
    const statuses = [...new Set([...this.#counts.values()].flatMap((row) => [...row.keys()]))].sort(
      (a, b) => a - b,
    );
    const names = [...OPERATIONS.map(({ id }) => id), ELSEWHERE];
    const rows = names.map((name) => [
      name,
      ...statuses.map((status) => this.count(name, status, status + 1)),
    ]);
    const sums = [
      'total',
      ...statuses.map((status) => names.reduce((sum, name) => sum + this.count(name, status, status + 1), 0)),
    ];
    return [['', ...statuses], ...rows, sums].map(formatRow).join('\n');
  }
}

function formatRow([name, ...counts]: readonly (string | number)[]): string {
  return (
    String(name).padEnd(18) + counts.map((count) => String(count === 0 ? '·' : count).padStart(7)).join('')
  );
}

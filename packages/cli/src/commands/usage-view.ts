import type { UsagePointBody } from '@latchkey/contract';
import type { Style } from '../style.ts';
import { type Column, table } from '../table.ts';
import { toMinute } from './key-view.ts';

/** The longest bar, in columns. */
const BAR_WIDTH = 40;

/** A line with a bar for each span, and the total. */
export function usageLines(usage: readonly UsagePointBody[], style: Style, width?: number): string[] {
  return [...table(columnsFor(usage), usage, style, width), total(usage)];
}

function columnsFor(usage: readonly UsagePointBody[]): Column<UsagePointBody>[] {
  const most = Math.max(1, ...usage.map((point) => point.allowed + refusedIn(point)));
  return [
    { title: 'FROM', importance: 9, text: ({ at }) => toMinute(at, '') },
    { title: 'ALLOWED', importance: 8, text: ({ allowed }) => allowed.toLocaleString('en') },
    { title: 'REFUSED', importance: 7, text: (point) => refusedIn(point).toLocaleString('en') },
    { title: '', importance: 6, widthMin: 8, text: (point) => bar(point, most) },
    {
      title: 'WHY',
      importance: 5,
      widthMin: 10,
      text: ({ denied }) => reasons(denied),
      format: () => 'yellow',
    },
  ];
}

/** What there is of both is to be seen, however little it is. */
function bar(point: UsagePointBody, most: number): string {
  const length = (count: number) => Math.ceil((count / most) * (BAR_WIDTH - 1));
  return '█'.repeat(length(point.allowed)) + '░'.repeat(length(refusedIn(point)));
}

function reasons(denied: UsagePointBody['denied']): string {
  return Object.entries(denied)
    .map(([code, count]) => `${code} ${count.toLocaleString('en')}`)
    .join(', ');
}

function refusedIn({ denied }: UsagePointBody): number {
  return Object.values(denied).reduce((sum, count) => sum + count, 0);
}

function total(usage: readonly UsagePointBody[]): string {
  const sum = (count: (point: UsagePointBody) => number) =>
    usage.reduce((all, point) => all + count(point), 0).toLocaleString('en');
  return `${sum(({ allowed }) => allowed)} allowed, ${sum(refusedIn)} refused`;
}

import type { UsagePointBody } from '@latchkey/contract';
import type { Style } from '../../terminal/style.ts';
import { type Column, table } from '../../terminal/table.ts';
import { toMinute } from './key-view.ts';

/** The width of the longest bar, in columns. */
const BAR_WIDTH = 40;

/** One line with a bar per time span, then the total. */
export function usageLines(usage: readonly UsagePointBody[], style: Style, width?: number): string[] {
  return [...table(columnsFor(usage), usage, style, width), total(usage)];
}

function columnsFor(usage: readonly UsagePointBody[]): Column<UsagePointBody>[] {
  const most = Math.max(1, ...usage.map((point) => point.allowed + deniedIn(point)));
  return [
    { title: 'FROM', importance: 9, text: ({ at }) => toMinute(at, '') },
    { title: 'ALLOWED', importance: 8, text: ({ allowed }) => allowed.toLocaleString('en') },
    { title: 'DENIED', importance: 7, text: (point) => deniedIn(point).toLocaleString('en') },
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

/** Rounds both parts up, so that even one verdict is visible. */
function bar(point: UsagePointBody, most: number): string {
  const length = (count: number) => Math.ceil((count / most) * (BAR_WIDTH - 1));
  return '█'.repeat(length(point.allowed)) + '░'.repeat(length(deniedIn(point)));
}

function reasons(denied: UsagePointBody['denied']): string {
  return Object.entries(denied)
    .map(([code, count]) => `${code} ${count.toLocaleString('en')}`)
    .join(', ');
}

function deniedIn({ denied }: UsagePointBody): number {
  return Object.values(denied).reduce((sum, count) => sum + count, 0);
}

function total(usage: readonly UsagePointBody[]): string {
  const sum = (count: (point: UsagePointBody) => number) =>
    usage.reduce((all, point) => all + count(point), 0).toLocaleString('en');
  return `${sum(({ allowed }) => allowed)} allowed, ${sum(deniedIn)} denied`;
}

import { describe, expect, test } from 'vitest';
import type { Style } from './style.ts';
import { type Column, facts, table, textWidth } from './table.ts';

interface Row {
  readonly id: string;
  readonly name: string;
  readonly note: string;
}

const plain: Style = (_, text) => text;
const columns: readonly Column<Row>[] = [
  { title: 'ID', importance: 3, text: ({ id }) => id },
  { title: 'NAME', importance: 2, widthMin: 6, text: ({ name }) => name },
  { title: 'NOTE', importance: 1, text: ({ note }) => note },
];
const rows: readonly Row[] = [
  { id: 'k1', name: 'A rather long name', note: 'first' },
  { id: 'k22', name: '日本', note: '' },
];

describe('table', () => {
  test('shows everything without a width', () => {
    expect(table(columns, rows, plain)).toEqual([
      'ID   NAME                NOTE',
      'k1   A rather long name  first',
      'k22  日本',
    ]);
  });

  test('cuts columns before it drops one', () => {
    expect(table(columns, rows, plain, 22)).toEqual([
      'ID   NAME        NOTE',
      'k1   A rather …  first',
      'k22  日本',
    ]);
  });

  test('leaves the least important column out where cutting is not enough', () => {
    expect(table(columns, rows, plain, 12)).toEqual(['ID   NAME', 'k1   A rath…', 'k22  日本']);
  });

  test.each([40, 30, 25, 20, 15, 11, 8, 3, 2, 1])('no line is wider than %i', (width) => {
    const widths = table(columns, rows, plain, width).map(textWidth);
    expect(Math.max(...widths)).toBeLessThanOrEqual(width);
  });

  test('a hostile cell neither breaks the line nor reaches the terminal', () => {
    const lines = table(columns, [{ id: 'k1', name: 'x\u001b[2J\ny', note: '' }], plain);
    expect(lines[1]).toBe('k1  x\\u{1b}[2J\\u{a}y');
  });

  test('colours do not count as width', () => {
    const coloured: Style = (format, text) => `<${format}>${text}</>`;
    const [first, ...rest] = columns.map((column) => ({ ...column, format: () => 'red' as const }));
    const lines = table(first ? [first, ...rest] : [], rows, coloured);
    expect(lines[1]).toBe('<red>k1</>   <red>A rather long name</>  <red>first</>');
  });
});

test('facts are aligned, and so are the further lines of a list', () => {
  const list = [
    ['id', 'k1'],
    ['permissions', ['agents: read', 'calls: read']],
    ['name', 'x\u001by'],
  ] as const;
  expect(facts(list, plain)).toEqual([
    'id           k1',
    'permissions  agents: read',
    '             calls: read',
    'name         x\\u{1b}y',
  ]);
});

/** Writes the rows as a table: for a terminal, or in Markdown. */
import { inUnit, outcome } from './rows.mjs';
import { median } from './statistics.mjs';

/** @typedef {import('./rows.mjs').Row} Row */

const HEAD = ['', 'median', 'min – max', 'floor', 'aim', 'met', 'figures'];

/** @param {readonly Row[]} rows @returns {string} */
export function asText(rows) {
  const lines = [HEAD, ...rows.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** @param {readonly Row[]} rows @returns {string} */
export function asMarkdown(rows) {
  const rule = HEAD.map(() => '---');
  return [HEAD, rule, ...rows.map(cells)].map((line) => `| ${line.join(' | ')} |`).join('\n');
}

/** @param {Row} row */
function cells(row) {
  const { what, samples, target, detail = '', failure } = row;
  if (failure !== undefined) return [what, '', '', '', '', outcome(row), failure];
  const show = (/** @type {number} */ value) => inUnit(row, value);
  const spread = `${show(Math.min(...samples))} – ${show(Math.max(...samples))}`;
  const bounds = [bound(row, target?.floor), bound(row, target?.aim)];
  return [what, show(median(samples)), spread, ...bounds, outcome(row), detail];
}

/** @param {Row} row @param {number | undefined} value */
function bound(row, value) {
  if (value === undefined) return '';
  return `${row.target?.better === 'higher' ? '≥' : '≤'} ${inUnit(row, value)}`;
}

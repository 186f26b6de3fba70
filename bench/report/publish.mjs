/** Writes the results into `docs`: the table and the plots. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../data/product.mjs';
import { toSvg } from './plot.mjs';
import { asMarkdown } from './table.mjs';

const PAGE = path.join(root, 'docs', 'performance.md');
const PLOTS = path.join(root, 'docs', 'plots');
const START = '<!-- results: written by `npm run bench -- --publish` -->';
const END = '<!-- end of results -->';

/**
 * @param {readonly import('./rows.mjs').Row[]} rows
 * @param {readonly import('./plot.mjs').Drawing[]} drawings
 * @param {import('./machine.mjs').Circumstances} circumstances
 */
export function publish(rows, drawings, { facts, leftOut }) {
  mkdirSync(PLOTS, { recursive: true });
  for (const drawing of drawings) writeFileSync(path.join(PLOTS, drawing.file), toSvg(drawing));
  const plots = drawings.map(({ file, title }) => `![${title}](plots/${file})`).join('\n\n');
  const notes = [...facts, ...leftOut].map((fact) => `- ${fact}`).join('\n');
  const page = readFileSync(PAGE, 'utf8');
  const [before, rest] = page.split(START);
  const [, after] = rest?.split(END) ?? [];
  if (before === undefined || after === undefined) throw new Error(`${PAGE} has no place for results`);
  writeFileSync(
    PAGE,
    `${before}${START}\n\n${[asMarkdown(rows), notes, plots].join('\n\n')}\n\n${END}${after}`,
  );
}

/**
 * Measures files and functions, for `npm run figures`. Biome enforces their greatest lengths (`biome.json`). The length of
 * a function is the number of lines from its first to its last. A function whose own body declares tests (a `describe`
 * callback, an exported suite) is a list of them and is not measured.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { isTestFile, typescriptFiles } from './files.mjs';
import { root } from './run.mjs';

/** A file of at most this many lines is a small one. */
const SMALL_FILE_LINES = 25;

/** A migration is a file of its own however short it is, since it never changes: merging two, or moving one, would change both. */
const MIGRATION = /\/migrations\/\d{4}-/;

/** @typedef {{ file: string, line: number, name: string, lines: number }} FunctionSize */
/** @typedef {{ file: string, test: boolean, lines: number, filledLines: number, commentLines: number, functions: FunctionSize[] }} FileSize */

/** @returns {FileSize[]} every source and test file of every package */
export function measureAll() {
  return typescriptFiles().map(measureFile);
}

/** @param {string} file @returns {FileSize} */
function measureFile(file) {
  return measure(file, readFileSync(path.join(root, file), 'utf8'));
}

/** @param {string} file @param {string} text @returns {FileSize} */
function measure(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const lines = text.replace(/\n$/, '').split('\n');
  return {
    file,
    test: isTestFile(file),
    lines: lines.length,
    filledLines: lines.filter((line) => line.trim() !== '').length,
    commentLines: commentLines(source),
    functions: functionsIn(source, file),
  };
}

/** @param {ts.SourceFile} source @param {string} file @returns {FunctionSize[]} */
function functionsIn(source, file) {
  /** @type {FunctionSize[]} */
  const found = [];
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (isMeasured(node)) {
      const first = source.getLineAndCharacterOfPosition(node.getStart(source)).line;
      const last = source.getLineAndCharacterOfPosition(node.getEnd()).line;
      found.push({ file, line: first + 1, name: nameOf(node), lines: last - first + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** @param {ts.Node} node @returns {node is ts.FunctionLikeDeclaration} a function with a block, not a list of tests */
function isMeasured(node) {
  if (!ts.isFunctionLike(node) || !('body' in node)) return false;
  const body = /** @type {ts.Node | undefined} */ (node.body);
  return body !== undefined && ts.isBlock(body) && !declaresTests(body);
}

/** @param {ts.Node} node @returns {boolean} whether it calls describe, test or it outside of inner functions */
function declaresTests(node) {
  if (ts.isCallExpression(node) && /^(describe|test|it)\b/.test(node.expression.getText())) return true;
  if (ts.isFunctionLike(node)) return false;
  return ts.forEachChild(node, (child) => declaresTests(child) || undefined) ?? false;
}

/** @param {ts.FunctionLikeDeclaration} node */
function nameOf(node) {
  if (ts.isConstructorDeclaration(node)) return 'constructor';
  const named = node.name ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name : undefined);
  return named?.getText() ?? '(anonymous)';
}

/** @param {ts.SourceFile} source @returns {number} lines that hold a comment and nothing before it */
function commentLines(source) {
  const starts = source.getLineStarts();
  /** @type {Set<number>} */
  const lines = new Set();
  for (const { pos, end } of comments(source)) {
    const first = source.getLineAndCharacterOfPosition(pos).line;
    const last = source.getLineAndCharacterOfPosition(end).line;
    const alone = source.text.slice(starts[first], pos).trim() === '';
    for (let line = alone ? first : first + 1; line <= last; line += 1) lines.add(line);
  }
  return lines.size;
}

/** @param {ts.SourceFile} source @returns {ts.CommentRange[]} */
function comments(source) {
  /** @type {ts.CommentRange[]} */
  const found = [];
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (node.kind === ts.SyntaxKind.JSDoc) return;
    const children = node.getChildren(source);
    if (children.length > 0) children.forEach(visit);
    else found.push(...rangesBefore(source, node));
  };
  visit(source);
  return found;
}

/** @param {ts.SourceFile} source @param {ts.Node} token the comments between the token before it and this one */
function rangesBefore(source, token) {
  const leading = ts.getLeadingCommentRanges(source.text, token.pos) ?? [];
  return [...(ts.getTrailingCommentRanges(source.text, token.pos) ?? []), ...leading];
}

/** @param {FileSize[]} files what there is to tell about sources; tests only as their number and lines */
export function figures(files) {
  const sources = files.filter((file) => !file.test);
  const tests = files.filter((file) => file.test);
  const functions = sources.flatMap((file) => file.functions).sort((a, b) => a.lines - b.lines);
  const small = sources.filter(({ lines }) => lines <= SMALL_FILE_LINES);
  return {
    sourceFiles: sources.length,
    testFiles: tests.length,
    sourceLines: sum(sources.map((file) => file.lines)),
    testLines: sum(tests.map((file) => file.lines)),
    fileLines: spread(sources.map((file) => file.lines)),
    smallFilesShare: share(small.length, sources.length),
    smallMigrations: small.filter(({ file }) => MIGRATION.test(file)).length,
    fullestFolders: fullestFolders(sources),
    functions: functions.length,
    functionLines: spread(functions.map((one) => one.lines)),
    longestFunctions: functions.slice(-5).reverse(),
    commentShare: share(
      sum(sources.map((file) => file.commentLines)),
      sum(sources.map((file) => file.filledLines)),
    ),
  };
}

/** @param {FileSize[]} sources the folders with the most source files of their own, those of subfolders not counted */
function fullestFolders(sources) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const folder of sources.map(({ file }) => path.posix.dirname(file)))
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  return [...counts]
    .map(([folder, files]) => ({ folder, files }))
    .sort((a, b) => b.files - a.files)
    .slice(0, 5);
}

/** @param {number[]} values */
const sum = (values) => values.reduce((total, value) => total + value, 0);

/** @param {number} part @param {number} whole @returns {number} with three digits */
const share = (part, whole) => (whole === 0 ? 0 : Math.round((part / whole) * 1000) / 1000);

/** @param {number[]} values @returns {{ median: number, p90: number, max: number }} */
function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  /** @param {number} rank */
  const at = (rank) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * rank))] ?? 0;
  return { median: at(0.5), p90: at(0.9), max: at(1) };
}

/** @param {ReturnType<typeof figures>} figure @returns {string} */
export function figuresAsText(figure) {
  const { fileLines, functionLines } = figure;
  return [
    `source files      ${figure.sourceFiles} (${figure.sourceLines} lines; median ${fileLines.median}, longest ${fileLines.max})`,
    `small files       ${(figure.smallFilesShare * 100).toFixed(1)} % of the source files, of at most ${SMALL_FILE_LINES} lines; ${figure.smallMigrations} of them are migrations, each a file of its own`,
    `test files        ${figure.testFiles} (${figure.testLines} lines)`,
    `functions         ${figure.functions} (median ${functionLines.median}, p90 ${functionLines.p90}, longest ${functionLines.max} lines)`,
    `comment lines     ${(figure.commentShare * 100).toFixed(1)} % of the lines that are not empty`,
    'longest functions',
    ...figure.longestFunctions.map((one) => `  ${one.lines} ${one.name} (${one.file}:${one.line})`),
    'fullest folders',
    ...figure.fullestFolders.map(({ folder, files }) => `  ${files} ${folder}`),
  ].join('\n');
}

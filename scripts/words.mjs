/**
 * Finds the words of scripts/words.txt in source, tests, documents and messages. It promises to read every tracked text file
 * except the changelog, and to exit with 1 when a word has no stated exception.
 *
 *   node scripts/words.mjs [--count] [FOLDER...]    --count: the number of places for each word, in place of the places
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './run.mjs';

/** @typedef {{ source: string, pattern: RegExp, instead: string }} Word */
/** @typedef {{ place: string, found: string, word: Word }} Hit */

const LIST = 'scripts/words.txt';
const TEXT = /\.(?:ts|tsx|mjs|md|css|yaml)$/;
/** The changelog describes fixed faults in the words that the product used then. */
const UNTOUCHED = /^CHANGELOG\.md$/;
/** Begins a line of the list that is a name to leave alone. */
const NAME = 'name ';
const EXCEPTION = /(?:\/\/|\/\*|<!--|#) words: \S/;

const options = process.argv.slice(2);
const folders = options.filter((option) => option !== '--count');
const { list, names } = readList();
const hits = files(folders).flatMap(hitsOf);
if (options.includes('--count')) printCounts();
else for (const { place, found, word } of hits) console.log(`${place}: "${found}"; write: ${word.instead}`);
if (hits.length > 0) console.log(`${hits.length} places have a word of ${LIST}`);
process.exitCode = hits.length === 0 ? 0 : 1;

function printCounts() {
  for (const { source } of list) {
    const count = hits.filter(({ word }) => word.source === source).length;
    if (count > 0) console.log(`${String(count).padStart(5)}  ${source}`);
  }
}

/** @returns {{ list: Word[], names: RegExp[] }} */
function readList() {
  const lines = readFileSync(path.join(root, LIST), 'utf8').split('\n');
  const entries = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const isName = (/** @type {string} */ line) => line.startsWith(NAME);
  return {
    names: entries.filter(isName).map((line) => new RegExp(line.slice(NAME.length), 'g')),
    list: entries
      .filter((line) => !isName(line))
      .map((line) => {
        const [source = '', instead = ''] = line.split(' => ');
        return { source, pattern: new RegExp(source, 'gi'), instead };
      }),
  };
}

/** @param {string[]} below @returns {string[]} tracked and new files, relative to the root */
function files(below) {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', ...below];
  const { stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  return stdout.split('\0').filter((file) => TEXT.test(file) && !UNTOUCHED.test(file));
}

/** @param {string} file @returns {Hit[]} */
function hitsOf(file) {
  const lines = readFileSync(path.join(root, file), 'utf8').split('\n');
  return lines.flatMap((line, index) => {
    if (EXCEPTION.test(line) || EXCEPTION.test(lines[index - 1] ?? '')) return [];
    const text = names.reduce((rest, name) => rest.replaceAll(name, ''), line);
    return list.flatMap((word) =>
      [...text.matchAll(word.pattern)].map(([found]) => ({ place: `${file}:${index + 1}`, found, word })),
    );
  });
}

/**
 * The licence texts of packages, to be shipped with a file that holds their code.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const LICENCE_FILE = /^(licen[cs]e|copying|notice)\b/i;
const RULE = `\n\n${'-'.repeat(80)}\n\n`;

/**
 * @param {readonly string[]} modules paths of files; those of installed packages count
 * @returns {string} name, version and licence of each package they are from. Throws where one says nothing.
 */
export function licencesOf(modules) {
  const folders = new Set(modules.map(packageFolder).filter((folder) => folder !== null));
  return `${[...folders].sort().map(licenceOf).join(RULE)}\n`;
}

/** @param {string} file */
function packageFolder(file) {
  return /^.*[\\/]node_modules[\\/](@[^\\/]+[\\/])?[^\\/]+/.exec(file)?.[0] ?? null;
}

/** @param {string} folder */
function licenceOf(folder) {
  /** @type {{ name: string, version: string, license?: string }} */
  const { name, version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const files = readdirSync(folder)
    .filter((file) => LICENCE_FILE.test(file))
    .sort();
  if (license === undefined && files.length === 0) throw new Error(`${name} names no licence`);
  const texts = files.map((file) => readFileSync(path.join(folder, file), 'utf8').trim());
  return [`${name} ${version} (${license ?? 'see below'})`, ...texts].join('\n\n');
}

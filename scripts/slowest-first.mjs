/**
 * The order in which vitest starts test files: the slowest first, then those of the slow kinds, so that at the end of a run, when
 * one processor waits for the other, only short files are left. Files of one kind stay together, because they import the same.
 */
import path from 'node:path';
import { BaseSequencer } from 'vitest/node';

/** From the kind with the slowest files to that with the quickest. */
const KINDS = ['proof', 'e2e', 'postgres', 'parity', 'unit'];

/**
 * The slowest files, by name, because in a fresh clone there are no durations, and the size of a file does not show that it
 * runs a browser or many processes. Those that mostly wait are apart, so that the processors have other work.
 */
const SLOW = [
  'crash dashboard-tasks soak simulation crash-harness slow-bodies dashboard-screens backup orderly-stop fuzz ceiling',
  'readme reference dashboard-hostile edge lock-outs host',
  'sign-in sign-in-provider packages accept-invitation',
  'migrate dashboard workers',
].flatMap((names) => names.split(' '));

export class SlowestFirst extends BaseSequencer {
  /**
   * @override
   * @param {import('vitest/node').TestSpecification[]} files
   */
  async sort(files) {
    // The others of a kind: by the durations of the last run, or else by size.
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => rank(a.moduleId) - rank(b.moduleId));
  }
}

/** @param {string} file */
function rank(file) {
  const slow = SLOW.indexOf(path.basename(file).split('.', 1)[0] ?? '');
  return slow === -1 ? SLOW.length + KINDS.indexOf(kindOf(file)) : slow;
}

/** @param {string} file */
function kindOf(file) {
  if (file.includes('.postgres.')) return 'postgres';
  return /\/test\/(proof|e2e|parity)\//.exec(file)?.[1] ?? 'unit';
}

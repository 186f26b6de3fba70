/**
 * The order in which vitest starts test files: those of the slow projects first, so that at the end of a run, when one
 * processor waits for the other, only short files are left. Files of one project stay together, because they share workers.
 */
import { BaseSequencer } from 'vitest/node';

/** From the slowest files to the quickest. */
const PROJECTS = ['proof', 'e2e', 'postgres', 'parity', 'unit'];

export class SlowestFirst extends BaseSequencer {
  /**
   * @override
   * @param {import('vitest/node').TestSpecification[]} files
   */
  async sort(files) {
    // Within a project: by the durations of the last run, or else by size.
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => rank(a) - rank(b));
  }
}

/** @param {import('vitest/node').TestSpecification} file */
function rank({ project }) {
  return PROJECTS.indexOf(project.name);
}

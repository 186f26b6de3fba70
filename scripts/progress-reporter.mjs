/**
 * A reporter for vitest that prints how far a run is: `file 3 of 120`, and which files it waits for.
 */
import path from 'node:path';
import { root, since } from './run.mjs';

/** Milliseconds without the end of a file after which the files that run are named again. */
const QUIET_MS = 30_000;

class ProgressReporter {
  #total = 0;
  #ended = 0;
  /** When each file that runs was started. @type {Map<string, number>} */
  #running = new Map();
  /** @type {NodeJS.Timeout | undefined} */
  #timer;

  /** @param {readonly unknown[]} files */
  onTestRunStart(files) {
    this.#total = files.length;
    this.#timer = setInterval(() => this.#print(), QUIET_MS);
  }

  /** @param {{ moduleId: string }} file */
  onTestModuleStart({ moduleId }) {
    this.#running.set(moduleId, Date.now());
  }

  /** @param {{ moduleId: string }} file */
  onTestModuleEnd({ moduleId }) {
    this.#running.delete(moduleId);
    this.#ended += 1;
    this.#timer?.refresh();
    this.#print();
  }

  onTestRunEnd() {
    clearInterval(this.#timer);
  }

  #print() {
    const files = [...this.#running].map(([file, at]) => `${path.relative(root, file)} (${since(at)})`);
    const waiting = files.length === 0 ? '' : `, waiting for ${files.join(', ')}`;
    console.log(`file ${this.#ended} of ${this.#total}${waiting}`);
  }
}

// Vitest takes a reporter by the default export of its file.
// biome-ignore lint/style/noDefaultExport: see above
export default ProgressReporter;

/**
 * A reporter for vitest that prints how far a run is: `file 3 of 120`, and the files that run, the longest first. At the end,
 * it prints the slowest files.
 */
import path from 'node:path';
import { root, since } from './run.mjs';

/** Milliseconds without the end of a file after which the files that run are named again. */
const QUIET_MS = 30_000;
const SLOWEST = 10;

class ProgressReporter {
  #total = 0;
  /** When each file that runs was started. @type {Map<string, number>} */
  #running = new Map();
  /** The milliseconds that each file took. @type {Map<string, number>} */
  #ended = new Map();
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
    this.#ended.set(moduleId, Date.now() - (this.#running.get(moduleId) ?? Date.now()));
    this.#running.delete(moduleId);
    this.#timer?.refresh();
    this.#print();
  }

  onTestRunEnd() {
    clearInterval(this.#timer);
    const slowest = [...this.#ended].sort(([, a], [, b]) => b - a).slice(0, SLOWEST);
    const lines = slowest.map(
      ([file, ms]) => `${(ms / 1_000).toFixed(1).padStart(7)} s  ${path.relative(root, file)}`,
    );
    if (lines.length > 0) console.log(['The slowest test files:', ...lines].join('\n'));
  }

  /** A file that runs for longer was started, and so inserted, before the others. */
  #print() {
    const files = [...this.#running].map(([file, at]) => `${path.relative(root, file)} (${since(at)})`);
    const waiting = files.length === 0 ? '' : `, running: ${files.join(', ')}`;
    console.log(`file ${this.#ended.size} of ${this.#total}${waiting}`);
  }
}

// Vitest takes a reporter by the default export of its file.
// biome-ignore lint/style/noDefaultExport: see above
export default ProgressReporter;

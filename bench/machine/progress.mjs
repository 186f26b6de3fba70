/** Reports progress on standard error, so that standard output has only the table. */

const started = Date.now();
const isTerminal = process.stderr.isTTY === true;

/** @param {string} what a step that begins now */
export function tell(what) {
  const seconds = ((Date.now() - started) / 1000).toFixed(0).padStart(4);
  process.stderr.write(`${isTerminal ? '\r\u001B[K' : ''}${seconds} s  ${what}\n`);
}

/**
 * A line that moves while long work goes on; on something else than a terminal, one line each tenth.
 * @param {string} what
 * @param {number} total
 * @returns {(done: number) => void}
 */
export function progressOf(what, total) {
  let told = -1;
  return (done) => {
    const tenths = Math.floor((done / total) * 10);
    const text = `${what} ${Math.floor((done / total) * 100)} %`;
    if (isTerminal) process.stderr.write(`\r\u001B[K${text}`);
    else if (tenths > told) process.stderr.write(`        ${text}\n`);
    told = tenths;
    if (done >= total && isTerminal) process.stderr.write('\n');
  };
}

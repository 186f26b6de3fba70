import { readFileSync } from 'node:fs';

/** Linux counts processor time for other processes in hundredths of a second, whatever its own clock is. */
const TICK_MS = 10;

/** Milliseconds of processor time that all threads of a process have used since it started. Needs `/proc`. */
export function processorMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name of the program is in parentheses and may contain blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

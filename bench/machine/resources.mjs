/** Reads what a process takes, from Linux' /proc; undefined where there is none. */
import { readdirSync, readFileSync } from 'node:fs';

/** @param {number} pid @returns {number | undefined} bytes of memory that are resident */
export function residentBytes(pid) {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readProc(`/proc/${pid}/status`)) ?? [];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

/** @param {number} pid @returns {number | undefined} open files and sockets */
export function openFiles(pid) {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return undefined;
  }
}

/** @param {string} file */
function readProc(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

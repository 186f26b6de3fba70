/** Reads the resource use of a process from Linux' /proc; undefined on systems without it. */
import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts the time of processes a hundred times a second. */
const MS_PER_TICK = 10;

/** @param {number} pid @returns {number | undefined} bytes of memory that are resident */
export function residentBytes(pid) {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readProc(`/proc/${pid}/status`)) ?? [];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

/** @param {number} pid @returns {number | undefined} milliseconds for which its threads have had a processor, in steps of ten */
export function processorMs(pid) {
  const [, rest] = readProc(`/proc/${pid}/stat`).split(') ');
  if (rest === undefined) return undefined;
  const [user, system] = rest.split(' ').slice(11, 13).map(Number);
  return (Number(user) + Number(system)) * MS_PER_TICK;
}

/**
 * @param {number} pid
 * @returns {number} milliseconds as in `processorMs`, of the process and those that it started; NaN on systems without /proc
 */
export function processorMsOfTree(pid) {
  const children = readProc(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
  return children.reduce((sum, child) => sum + processorMsOfTree(child), processorMs(pid) ?? Number.NaN);
}

/** @param {number} pid @returns {number | undefined} open files and sockets */
export function openFiles(pid) {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return undefined;
  }
}

/**
 * The number of read calls so far of all threads except the main one: of files and of the descriptors that wake them. In the
 * service these are the database threads: when they read nothing, no key was looked up.
 * @param {number} pid
 * @returns {number} calls; not a number where there is no telling
 */
export function readsBeside(pid) {
  const threads = threadsOf(pid).filter((thread) => thread !== String(pid));
  const calls = threads.map(
    (thread) => /^syscr: (\d+)$/m.exec(readProc(`/proc/${pid}/task/${thread}/io`))?.[1],
  );
  return calls.reduce((sum, count) => sum + Number(count), threads.length > 0 ? 0 : Number.NaN);
}

/** @param {number} pid */
function threadsOf(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
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

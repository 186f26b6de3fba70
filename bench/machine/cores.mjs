/**
 * Which core does what: servers on the first, load on the second, so that neither takes time from the other.
 * It promises that a machine which cannot pin still measures, and that the report says so.
 */
import { availableParallelism } from 'node:os';
import { isOnPath } from './tools.mjs';

/** Can a process be kept on one core here? */
export const canPin = process.platform === 'linux' && availableParallelism() >= 2 && isOnPath('taskset');

/** Any: what is not timed, on whichever core is free. @typedef {'server' | 'load' | 'any'} Role */

/** @type {Record<Exclude<Role, 'any'>, string>} */
const CORES = { server: '0', load: '1' };

/**
 * @param {Role} role
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {[string, string[]]} the command that runs it on the core of its role
 */
export function onCoreOf(role, command, args) {
  if (!canPin || role === 'any') return [command, [...args]];
  return ['taskset', ['-c', CORES[role], command, ...args]];
}

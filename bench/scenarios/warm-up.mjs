/** How long a load goes on before it is measured. */

const LONGEST_MS = 500;

/** @param {number} seconds that are measured @returns {number} milliseconds, half as long at most */
export const warmUpMs = (seconds) => Math.min(LONGEST_MS, seconds * 500);

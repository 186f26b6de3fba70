/** Numbers drawn by Zipf's law: a few keys are used all the time, most hardly ever. */

/** The exponent of YCSB (Cooper et al., "Benchmarking cloud serving systems with YCSB", 2010). */
const EXPONENT = 0.99;

/**
 * @param {number} count
 * @param {() => number} random between 0 and 1
 * @returns {() => number} draws a rank, 0 to count - 1, the smaller the likelier
 */
export function zipf(count, random) {
  const cumulative = new Float64Array(count);
  let sum = 0;
  for (let rank = 0; rank < count; rank += 1) {
    sum += 1 / (rank + 1) ** EXPONENT;
    cumulative[rank] = sum;
  }
  return () => firstAbove(cumulative, random() * sum);
}

/** @param {Float64Array} ascending @param {number} value */
function firstAbove(ascending, value) {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** @param {number} seed @returns {() => number} the same numbers between 0 and 1 for the same seed (mulberry32) */
export function randomOf(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

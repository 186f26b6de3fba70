/** @param {readonly number[]} values @returns {number} not a number where there are none */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length % 2 === 1) return sorted[Math.floor(middle)] ?? Number.NaN;
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** @param {readonly number[]} values @param {number} share @returns {number} the value that this share does not exceed */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(Math.ceil(share * sorted.length) - 1, 0)] ?? Number.NaN;
}

/**
 * The slope of the straight line that fits best (least squares).
 * @param {readonly { x: number, y: number }[]} points
 * @returns {number} y for each x
 */
export function slope(points) {
  const mean = (/** @type {(point: { x: number, y: number }) => number} */ of) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const x = mean((point) => point.x);
  const y = mean((point) => point.y);
  const covariance = points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0);
  return covariance / points.reduce((sum, point) => sum + (point.x - x) ** 2, 0);
}

/** The share of the median that the interval may reach to either side. */
const NARROW = 0.1;

/** @param {readonly number[]} values @returns {boolean} whether their median is known to ±10 % with 95 % confidence */
export function isNarrow(values) {
  const { median: middle, low, high } = medianWithInterval(values);
  return Math.max(high - middle, middle - low) <= NARROW * middle;
}

/** The quantile of the normal distribution that leaves 2.5 % above. */
const NORMAL_975 = 1.96;

/**
 * An interval that holds the median of the population with 95 % confidence, whatever its distribution: order statistics.
 * @param {readonly number[]} values
 * @returns {{ median: number, low: number, high: number }}
 */
export function medianWithInterval(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const reach = (NORMAL_975 * Math.sqrt(sorted.length)) / 2;
  const at = (/** @type {number} */ rank) =>
    sorted[Math.min(Math.max(rank, 0), sorted.length - 1)] ?? Number.NaN;
  return {
    median: median(sorted),
    low: at(Math.floor(sorted.length / 2 - reach)),
    high: at(Math.ceil(sorted.length / 2 + reach)),
  };
}

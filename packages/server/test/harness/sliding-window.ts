/** An independent judge of limits per minute. It imports nothing of the product. */

export interface Call {
  /** Milliseconds. */
  readonly at: number;
  readonly cost: number;
}

const MINUTE_MS = 60_000;

/** The most cost in any 60 seconds, the end excluded. The calls are in any order. */
export function mostInAMinute(calls: readonly Call[]): number {
  const sorted = [...calls].sort((one, other) => one.at - other.at);
  let most = 0;
  let within = 0;
  let first = 0;
  for (const { at, cost } of sorted) {
    within += cost;
    for (let oldest = sorted[first]; oldest && oldest.at <= at - MINUTE_MS; oldest = sorted[++first])
      within -= oldest.cost;
    most = Math.max(most, within);
  }
  return most;
}

/** A call of which only the span is known in which it was decided. */
export interface TimedCall extends Call {
  /** Milliseconds: when it was asked for. `at` is when its answer was read. */
  readonly from: number;
}

/** The most cost of calls that were asked for and answered within the same 60 seconds, wherever in their spans they were decided. */
export function mostWithinAMinute(calls: readonly TimedCall[]): number {
  const sorted = [...calls].sort((one, other) => one.from - other.from);
  let most = 0;
  sorted.forEach(({ from: start }, first) => {
    let within = 0;
    for (const { from, at, cost } of sorted.slice(first)) {
      if (from >= start + MINUTE_MS) break;
      if (at < start + MINUTE_MS) within += cost;
    }
    most = Math.max(most, within);
  });
  return most;
}

/** The cost that a perfect limiter admits of these calls, which knows each call to the millisecond. */
export function admittedByPerfection(calls: readonly Call[], limit: number): number {
  const sorted = [...calls].sort((one, other) => one.at - other.at);
  const admitted: Call[] = [];
  let total = 0;
  let within = 0;
  let first = 0;
  for (const call of sorted) {
    for (let oldest = admitted[first]; oldest && oldest.at <= call.at - MINUTE_MS; oldest = admitted[++first])
      within -= oldest.cost;
    if (within + call.cost > limit) continue;
    admitted.push(call);
    within += call.cost;
    total += call.cost;
  }
  return total;
}

export function totalOf(calls: readonly Call[]): number {
  return calls.reduce((sum, { cost }) => sum + cost, 0);
}

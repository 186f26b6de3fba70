/** Where the time comes from: milliseconds since 1970-01-01T00:00Z. */
export interface Clock {
  now(): number;
}

/** Measures time that passes: whole milliseconds since some instant, whatever the time of day is set to meanwhile. */
export interface MonotonicClock {
  monotonic(): number;
}

export const systemClock: Clock & MonotonicClock = {
  now: () => Date.now(),
  monotonic: () => Math.floor(performance.now()),
};

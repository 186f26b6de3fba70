/** The time of day: milliseconds since 1970-01-01T00:00Z. */
export interface Clock {
  now(): number;
}

/** A clock that is never adjusted: whole milliseconds since an arbitrary instant. */
export interface MonotonicClock {
  monotonic(): number;
}

export const systemClock: Clock & MonotonicClock = {
  now: () => Date.now(),
  monotonic: () => Math.floor(performance.now()),
};

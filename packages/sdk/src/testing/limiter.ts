import type { LimiterAnswer, RateLimitBody } from '@latchkey/contract';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

interface Use {
  readonly at: number;
  readonly cost: number;
}

/** Counts the calls of one key against its limits: in any 60 seconds, and in a UTC calendar day. */
export class Limiter {
  #uses: Use[] = [];

  /** Takes the cost from both limits, or from neither and returns `retryAfterSeconds`. A cost of 0 is never denied. */
  spend({ requestsPerMinute, requestsPerDay }: RateLimitBody, cost: number, now: number): LimiterAnswer {
    const midnight = now - (now % DAY_MS);
    this.#uses = this.#uses.filter(({ at }) => at >= midnight || at > now - MINUTE_MS);
    const recent = this.#uses.filter(({ at }) => at > now - MINUTE_MS);
    const today = this.#uses.filter(({ at }) => at >= midnight);
    const minuteMs =
      cost === 0 || requestsPerMinute === null ? 0 : waitMs(recent, requestsPerMinute - cost, now);
    const isDayFull = cost > 0 && requestsPerDay !== null && sum(today) + cost > requestsPerDay;
    const wait = Math.max(minuteMs, isDayFull ? midnight + DAY_MS - now : 0);
    if (wait === 0 && cost > 0) this.#uses.push({ at: now, cost });
    const taken = wait === 0 ? cost : 0;
    return {
      minute: stateOf(requestsPerMinute, sum(recent) + taken),
      day: stateOf(requestsPerDay, sum(today) + taken),
      retryAfterSeconds: wait === 0 ? null : Math.max(1, Math.ceil(wait / 1_000)),
    };
  }
}

/** Milliseconds until at most `target` of these calls count; all of a minute if the limit is too small for the call. */
function waitMs(uses: readonly Use[], target: number, now: number): number {
  let used = sum(uses);
  if (used <= target) return 0;
  for (const { at, cost } of uses) {
    used -= cost;
    if (used <= target) return at + MINUTE_MS - now;
  }
  return MINUTE_MS;
}

function stateOf(limit: number | null, used: number): LimiterAnswer['minute'] {
  return limit === null ? null : { remaining: Math.max(0, limit - used) };
}

function sum(uses: readonly Use[]): number {
  return uses.reduce((total, { cost }) => total + cost, 0);
}

import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { AppError } from '../domain/shared/app-error.ts';

const FAILURES_MAX = 10;
const WINDOW_SECONDS = 15 * 60;

/** Half of an IPv6 address: whoever has one of a network has them all. */
const NETWORK_PARTS = 4;

/**
 * Counts tokens that opened nothing, by the address they came from. Only failures are refused: a good token has too many
 * bits to be guessed, and nobody shall be able to lock out all who come through the same proxy.
 */
export class FailedSignIns {
  readonly #limiter = new RateLimiterMemory({ points: FAILURES_MAX, duration: WINDOW_SECONDS });

  /** Counts one. Throws RATE_LIMITED, and calls `tell` with the seconds to wait, from the eleventh in 15 minutes on. */
  async count(address: string, tell: (retryAfterSeconds: number) => void): Promise<void> {
    try {
      await this.#limiter.consume(networkOf(address));
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      // The count ends by a timer; the wait is told by the clock, which may have been set back since.
      tell(Math.min(Math.ceil(error.msBeforeNext / 1_000), WINDOW_SECONDS));
      throw new AppError('RATE_LIMITED', {
        message: 'Too many sign-in links that do not work; wait, or use a good one',
      });
    }
  }
}

/** The address, or of IPv6 the network, in one spelling. */
export function networkOf(address: string): string {
  if (isIP(address) === 0) return address;
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6 ? parsed.parts.slice(0, NETWORK_PARTS).join(':') : parsed.toString();
}

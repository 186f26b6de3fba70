import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { AppError } from '../../domain/shared/app-error.ts';

const FAILURES_MAX = 10;
const WINDOW_SECONDS = 15 * 60;

/** The first half of an IPv6 address, in groups of 16 bits: a client can usually use all addresses of its /64 network. */
const NETWORK_PARTS = 4;

/**
 * Limits failed sign-ins by client address. Only failures are denied: a valid token has too many bits to be guessed, and a
 * client must not be able to lock out others behind the same proxy.
 */
export class FailedSignIns {
  readonly #limiter = new RateLimiterMemory({ points: FAILURES_MAX, duration: WINDOW_SECONDS });

  /** Counts a failure. From the eleventh in 15 minutes on, calls `tell` with the seconds to wait and throws RATE_LIMITED. */
  async count(address: string, tell: (retryAfterSeconds: number) => void): Promise<void> {
    try {
      await this.#limiter.consume(networkOf(address));
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      // The limiter expires by a timer but computes the wait from the clock, which may have been set back.
      tell(Math.min(Math.ceil(error.msBeforeNext / 1_000), WINDOW_SECONDS));
      throw new AppError('RATE_LIMITED', {
        message: 'Too many failed sign-ins from this address; wait, or use a valid sign-in link',
      });
    }
  }
}

/** The address, or the /64 network of an IPv6 address, in canonical form. */
export function networkOf(address: string): string {
  if (isIP(address) === 0) return address;
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6 ? parsed.parts.slice(0, NETWORK_PARTS).join(':') : parsed.toString();
}

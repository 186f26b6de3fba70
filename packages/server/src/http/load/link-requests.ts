import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { AppError } from '../../domain/shared/app-error.ts';
import { networkOf } from './failed-sign-ins.ts';

const WINDOW_SECONDS = 15 * 60;
const CALLS_MAX = 10;
const MAILS_MAX = 3;

/** Limits how often sign-in links are mailed: calls per client address, and mails per e-mail address. */
export class LinkRequests {
  readonly #calls = new RateLimiterMemory({ points: CALLS_MAX, duration: WINDOW_SECONDS });
  readonly #mails = new RateLimiterMemory({ points: MAILS_MAX, duration: WINDOW_SECONDS });

  /** Counts a call. From the eleventh in 15 minutes on, calls `tell` with the seconds to wait and throws RATE_LIMITED. */
  async count(address: string, tell: (retryAfterSeconds: number) => void): Promise<void> {
    try {
      await this.#calls.consume(networkOf(address));
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      tell(Math.ceil(error.msBeforeNext / 1_000));
      throw new AppError('RATE_LIMITED', {
        message: 'Too many requests for sign-in links from this address; wait and try again',
      });
    }
  }

  /** False if the e-mail address has reached its limit. The answer must not reveal it, since others may have asked. */
  async isMailed(email: string): Promise<boolean> {
    const { consumedPoints } = await this.#mails.penalty(email.normalize('NFC').toLowerCase());
    return consumedPoints <= MAILS_MAX;
  }
}

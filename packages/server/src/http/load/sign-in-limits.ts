import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { LRUCache } from 'lru-cache';
import { AppError } from '../../domain/shared/app-error.ts';

const WINDOW_MS = 15 * 60_000;
const FAILURES_MAX = 10;
const REQUESTS_MAX = 10;
const MAILS_MAX = 3;
/** Names that a counter keeps; each takes about 100 bytes. */
const NAMES_MAX = 10_000;

/** The first half of an IPv6 address, in groups of 16 bits: a client can usually use all addresses of its /64 network. */
const NETWORK_PARTS = 4;

/** Limits failed sign-ins and requests for sign-in links by client address, and mailed links by e-mail address. */
export class SignInLimits {
  readonly #failures: WindowCounter;
  readonly #requests: WindowCounter;
  readonly #mails: WindowCounter;

  /** `now`: milliseconds of a monotonic clock. */
  constructor(now = () => performance.now()) {
    this.#failures = new WindowCounter(now);
    this.#requests = new WindowCounter(now);
    this.#mails = new WindowCounter(now);
  }

  /**
   * Counts a failed sign-in. From the eleventh in 15 minutes on, calls `tell` with the seconds to wait and throws
   * RATE_LIMITED. Only failures are denied: a valid token has too many bits to be guessed, and a client must not be able to
   * lock out others behind the same proxy.
   */
  countFailure(address: string, tell: (retryAfterSeconds: number) => void): void {
    const message = 'Too many failed sign-ins from this address; wait, or use a valid sign-in link';
    requireRoom(this.#failures.add(networkOf(address)), FAILURES_MAX, message, tell);
  }

  /** Counts a request for a link. From the eleventh in 15 minutes on, calls `tell` with the seconds to wait and throws RATE_LIMITED. */
  countRequest(address: string, tell: (retryAfterSeconds: number) => void): void {
    const message = 'Too many requests for sign-in links from this address; wait and try again';
    requireRoom(this.#requests.add(networkOf(address)), REQUESTS_MAX, message, tell);
  }

  /**
   * Counts a mail to the address. False from the fourth in 15 minutes on. The answer must not reveal it, since others may
   * have made the requests.
   */
  mayMail(email: string): boolean {
    return this.#mails.add(email.normalize('NFC').toLowerCase()).count <= MAILS_MAX;
  }
}

interface Counted {
  readonly count: number;
  readonly secondsLeft: number;
}

/** Above `max`, calls `tell` with the seconds to wait and throws RATE_LIMITED. */
function requireRoom(
  { count, secondsLeft }: Counted,
  max: number,
  message: string,
  tell: (retryAfterSeconds: number) => void,
): void {
  if (count <= max) return;
  tell(secondsLeft);
  throw new AppError('RATE_LIMITED', { message });
}

/** Counts in windows of 15 minutes, each of which begins with the first count of its name. */
class WindowCounter {
  readonly #windows: LRUCache<string, { count: number }>;

  constructor(now: () => number) {
    this.#windows = new LRUCache({ max: NAMES_MAX, ttl: WINDOW_MS, ttlResolution: 0, perf: { now } });
  }

  add(name: string): Counted {
    const window = this.#windows.get(name) ?? { count: 0 };
    if (window.count === 0) this.#windows.set(name, window);
    window.count += 1;
    return { count: window.count, secondsLeft: Math.ceil(this.#windows.getRemainingTTL(name) / 1_000) };
  }
}

/** The address, or the /64 network of an IPv6 address, in canonical form. */
export function networkOf(address: string): string {
  if (isIP(address) === 0) return address;
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6 ? parsed.parts.slice(0, NETWORK_PARTS).join(':') : parsed.toString();
}

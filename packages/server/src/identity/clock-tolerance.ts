import type { JWTPayload } from 'jose';

/** The accepted difference between the provider's clock and ours. */
export const CLOCK_TOLERANCE_SECONDS = 30;

/** True when a token was issued after `now` (milliseconds) plus the tolerance. False when it has no `iat`. */
export function isIssuedInFuture({ iat = 0 }: Pick<JWTPayload, 'iat'>, now: number): boolean {
  return iat > now / 1_000 + CLOCK_TOLERANCE_SECONDS;
}

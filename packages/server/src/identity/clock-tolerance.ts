import type { JWTPayload } from 'jose';

/** How far the provider's clock may be from ours. */
export const CLOCK_TOLERANCE_SECONDS = 30;

/** Is a token issued later than `now` (milliseconds), by more than the tolerance? False where it does not say when. */
export function isIssuedInFuture({ iat = 0 }: Pick<JWTPayload, 'iat'>, now: number): boolean {
  return iat > now / 1_000 + CLOCK_TOLERANCE_SECONDS;
}

import type { Services } from '../pipeline/services.ts';
import { presentInstant } from './key.ts';

/**
 * The instant from which no instance uses what it cached before a change, which has been committed. `changedAt`: the instant
 * of the change, if it is known.
 */
export function presentEffectiveBy(
  { clock, leaseMs }: Pick<Services, 'clock' | 'leaseMs'>,
  changedAt = clock.now(),
): string {
  return presentInstant(leaseMs === 0 ? changedAt : clock.now() + leaseMs);
}

import type { Confirmation } from '../../domain/host/instances.ts';
import { presentInstant } from '../present/key.ts';
import type { Services } from './services.ts';

/** Runs the change; for a dry run, in a transaction that is rolled back, so that it returns the same and changes nothing. */
export function runOrRehearse<T>(
  services: Services,
  { dryRun = false }: { readonly dryRun?: boolean | undefined },
  change: (services: Services) => Promise<T>,
): Promise<T> {
  if (!dryRun) return change(services);
  return services.rehearsal.rehearse((unitOfWork) => change({ ...services, unitOfWork }));
}

/** The message of an answer; that of a dry run says that nothing was changed. */
export function changeMessage(
  message: string,
  { dryRun = false }: { readonly dryRun?: boolean | undefined },
): string {
  return dryRun ? `Dry run, nothing was changed: ${message}` : message;
}

/** The part of a call that decides about the receipt of its change. */
interface WaitingCall {
  readonly query: { readonly wait?: boolean | undefined; readonly dryRun?: boolean | undefined };
  freePlace(): void;
}

/**
 * `effectiveBy`: the instant from which no instance uses what it cached before the change, which has been committed;
 * `changedAt` is the instant of the change, if it is known. If the call waits, also when each instance has confirmed.
 */
export async function presentEffect(
  { clock, leaseMs, instances }: Pick<Services, 'clock' | 'leaseMs' | 'instances'>,
  { query: { wait = false, dryRun = false }, freePlace }: WaitingCall,
  changedAt = clock.now(),
) {
  const effectiveBy = presentInstant(leaseMs === 0 ? changedAt : clock.now() + leaseMs);
  if (!wait || dryRun) return { effectiveBy };
  freePlace();
  return { effectiveBy, instances: presentConfirmations(await instances.confirmAll()) };
}

function presentConfirmations(confirmations: readonly Confirmation[]) {
  return confirmations.map(({ id, confirmedAt }) => ({
    id,
    confirmedAt: confirmedAt === null ? null : presentInstant(confirmedAt),
  }));
}

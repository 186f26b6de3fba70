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

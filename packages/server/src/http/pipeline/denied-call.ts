import { ERRORS } from '@latchkey/contract';
import type { DeniedCalls } from '../../domain/audit/denied-calls.ts';
import type { Caller } from '../../domain/shared/caller.ts';
import { toAppError } from './error-response.ts';
import { loggableUrl } from './request-guard.ts';

/** Statuses that are recorded: the caller lacked a permission, or the object was missing or in another state. */
const DENIALS: ReadonlySet<number> = new Set([403, 404, 409, 412, 422]);

const PATH_LENGTH_MAX = 200;

/** Records a failed call in the audit log if it was denied. Malformed calls and internal errors are not recorded. */
export function recordDenied(
  deniedCalls: DeniedCalls,
  caller: Caller,
  { method, url }: { readonly method: string; readonly url: string },
  error: unknown,
): void {
  const { code } = toAppError(error);
  if (!DENIALS.has(ERRORS[code].status)) return;
  const path = loggableUrl(url.split('?', 1)[0] ?? '').slice(0, PATH_LENGTH_MAX);
  deniedCalls.record(caller, `${method} ${path}`, code);
}

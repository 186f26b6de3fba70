import { ERRORS } from '@latchkey/contract';
import type { DeniedCalls } from '../domain/audit/denied-calls.ts';
import type { Caller } from '../domain/shared/caller.ts';
import { toAppError } from './error-response.ts';
import { loggableUrl } from './front-door.ts';

/** What says that somebody asked for what they may not have, or acted on what is not as they thought. */
const DENIALS: ReadonlySet<number> = new Set([403, 404, 409, 412, 422]);

const PATH_LENGTH_MAX = 200;

/** Tells the audit log of a call that failed, if it was refused. Mistakes of form and our own failures are not told. */
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

import {
  type checkApiKey,
  ERRORS,
  type ErrorCode,
  type ErrorDetail,
  type ResultOf,
} from '@latchkey/contract';
import type { Failure } from '../domain/shared/app-error.ts';
import { permissionDenied } from '../domain/shared/caller.ts';
import type { Verdict } from '../domain/verification/verifier.ts';
import type { Answer } from './pipeline/route.ts';
import { presentOptionalInstant } from './present-instant.ts';

/** The answer to a key's check of itself. A denial is returned as a Failure, which the caller sends or throws. */
export function presentCheck(verdict: Verdict): Answer<typeof checkApiKey> | Failure {
  const { code, key } = verdict;
  if (code !== 'VALID' || !key) return failureOf(verdict);
  const { workspaceId, name, isActive, rateLimit } = key;
  const expiresAt = presentOptionalInstant(key.expiresAt);
  const result: ResultOf<typeof checkApiKey> = {
    valid: true,
    workspaceId,
    name,
    isActive,
    expiresAt,
    rateLimit,
  };
  return { message: 'API key is valid', result };
}

function failureOf({ code, quota, missing }: Verdict): Failure {
  if (code === 'VALID') return failure('INTERNAL');
  if (code === 'PERMISSION_DENIED') return permissionDenied(missing);
  if (code !== 'RATE_LIMITED') return failure(code);
  const exhausted = (['minute', 'day'] as const).filter((name) => quota[name]?.remaining === 0);
  return failure(
    code,
    exhausted.map((field) => ({ field, message: 'is used up' })),
  );
}

function failure(code: ErrorCode, details: readonly ErrorDetail[] = []): Failure {
  return { code, message: ERRORS[code].message, details };
}

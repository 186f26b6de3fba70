import type { checkApiKey, ResultOf } from '@latchkey/contract';
import { AppError } from '../domain/shared/app-error.ts';
import type { Verdict } from '../domain/verification/verifier.ts';
import { presentOptionalInstant } from './present-instant.ts';
import type { Answer } from './route.ts';

/** What a key is told that asks about itself. A no is an error here: returned, for whoever answers to send it. */
export function presentCheck(verdict: Verdict): Answer<typeof checkApiKey> | AppError {
  const { code, key } = verdict;
  if (code !== 'VALID' || !key) return refusalOf(verdict);
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

function refusalOf({ code, quota }: Verdict): AppError {
  if (code === 'VALID') return new AppError('INTERNAL');
  if (code !== 'RATE_LIMITED') return new AppError(code);
  const exhausted = (['minute', 'day'] as const).filter((name) => quota[name]?.remaining === 0);
  return new AppError(code, { details: exhausted.map((field) => ({ field, message: 'is used up' })) });
}

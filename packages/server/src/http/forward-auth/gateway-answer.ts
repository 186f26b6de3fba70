import {
  DENIAL_HEADERS,
  ERRORS,
  IDENTITY_HEADERS,
  IDENTITY_TOKEN_HEADER,
  type Permission,
} from '@latchkey/contract';
import type { Failure } from '../../domain/shared/app-error.ts';
import type { Verdict } from '../../domain/verification/verifier.ts';
import { errorFields } from '../pipeline/error-response.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import { emptyResponse, failureResponse, type RawResponse } from '../pipeline/raw-response.ts';
import { rateLimitFields } from '../present/verdict.ts';
import type { GatewaySettings } from './gateway-settings.ts';

/** Some gateways take only 200 for a success, and no other status below 300. */
const SUCCESS_STATUS = 200;
const NO_LIMITS = { RateLimit: '', 'RateLimit-Policy': '' };

/**
 * The answer that lets the request pass. Each header is set, also without a value, for a gateway that copies it to overwrite
 * that of its client. It has no body: nginx would close the connection rather than read one.
 */
export function acceptance({ key, holds, quota }: Verdict, requestId: string, token: string): RawResponse {
  return emptyResponse(SUCCESS_STATUS, requestId, {
    [IDENTITY_HEADERS.keyId]: key?.id ?? '',
    [IDENTITY_HEADERS.ownerId]: key?.owner.id ?? '',
    [IDENTITY_HEADERS.workspaceId]: key?.workspaceId ?? '',
    [IDENTITY_HEADERS.permissions]: listOf(holds),
    [IDENTITY_TOKEN_HEADER]: token,
    ...NO_LIMITS,
    ...rateLimitFields(quota),
  });
}

const lists = new WeakMap<readonly Permission[], string>();

/** Keys with the same permissions share one list in memory, so the text is cached for each list. */
function listOf(permissions: readonly Permission[]): string {
  const cached = lists.get(permissions);
  if (cached !== undefined) return cached;
  const text = permissions.join();
  lists.set(permissions, text);
  return text;
}

/**
 * The answer that denies the request, with the status of the error in a header. A gateway that only knows 401 and 403 gets no
 * other status, and no body, for the same reason as above.
 */
export function denial(
  { request, requestId }: Exchange,
  failure: Failure,
  { onlyForbids }: GatewaySettings,
  fields: Readonly<Record<string, string>>,
): RawResponse {
  const { status } = ERRORS[failure.code];
  const more = {
    [DENIAL_HEADERS.status]: String(status),
    [DENIAL_HEADERS.code]: failure.code,
    ...fields,
  };
  if (onlyForbids)
    return emptyResponse(status === 401 ? 401 : 403, requestId, { ...errorFields(failure), ...more });
  return failureResponse(failure, requestId, request.headers.accept, more);
}

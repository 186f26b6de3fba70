import {
  DENIAL_HEADERS,
  ERRORS,
  IDENTITY_HEADERS,
  IDENTITY_TOKEN_HEADER,
  type Permission,
} from '@latchkey/contract';
import type { Failure } from '../../domain/shared/app-error.ts';
import type { Verdict } from '../../domain/verification/verifier.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import { failureResponse, type RawResponse, rawResponse, successBody } from '../pipeline/raw-response.ts';
import { rateLimitFields } from '../pipeline/response-headers.ts';
import type { GatewaySettings } from './gateway-settings.ts';

/** Some gateways take only 200 for a success, and no other status below 300. */
const SUCCESS_STATUS = 200;
const SUCCESS = successBody({ message: 'API key is valid', result: { valid: true } });
const NO_LIMITS = { RateLimit: '', 'RateLimit-Policy': '' };

/** The answer that lets the request pass. Each header is set, also without a value, for a gateway that copies it to overwrite that of its client. */
export function acceptance({ key, holds, quota }: Verdict, requestId: string, token: string): RawResponse {
  return rawResponse(SUCCESS_STATUS, SUCCESS, requestId, {
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

/** The answer that denies the request. Its status is one that the gateway can pass on; a header has that of the error. */
export function denial(
  { request, requestId }: Exchange,
  failure: Failure,
  { onlyForbids }: GatewaySettings,
  fields: Readonly<Record<string, string>>,
): RawResponse {
  const { status } = ERRORS[failure.code];
  const reason = { [DENIAL_HEADERS.status]: String(status), [DENIAL_HEADERS.code]: failure.code };
  const answer = failureResponse(failure, requestId, request.headers.accept, { ...reason, ...fields });
  return onlyForbids && status !== 401 ? { ...answer, status: 403 } : answer;
}

import type { RequestListener } from 'node:http';
import { type Catalogue, FORWARD_AUTH_PATH, VERIFIER_HEADER } from '@latchkey/contract';
import type { DeniedCalls } from '../../domain/audit/denied-calls.ts';
import { AppError } from '../../domain/shared/app-error.ts';
import { type Caller, requirePermission } from '../../domain/shared/caller.ts';
import type { Verdict, Verifier } from '../../domain/verification/verifier.ts';
import type { TrustedProxies } from '../connections/trusted-proxies.ts';
import { hasBody } from '../json/read-body.ts';
import type { Tarpit } from '../load/tarpit.ts';
import type { PerTick } from '../load/tick-batch.ts';
import type { AnswerLog } from '../pipeline/answer-log.ts';
import { recordDenied } from '../pipeline/denied-call.ts';
import { toAppError } from '../pipeline/error-response.ts';
import { clientInfoOf, type Exchange, exchangeOf } from '../pipeline/exchange.ts';
import { type CheckQuestion, isInvalidKey } from '../pipeline/fast-check.ts';
import { type RawResponse, send } from '../pipeline/raw-response.ts';
import { failureOf, rateLimitFields } from '../present/verdict.ts';
import { acceptance, denial } from './gateway-answer.ts';
import { GatewayRequest } from './gateway-request.ts';
import { BY_ROUTE_MAP, type GatewaySettings, type ReadSettings, settingsReader } from './gateway-settings.ts';
import type { IdentityTokens } from './identity-tokens.ts';
import type { RouteMap } from './route-map.ts';

export interface ForwardAuthNeeds {
  readonly catalogue: Catalogue;
  readonly verifier: Verifier;
  readonly deniedCalls: DeniedCalls;
  readonly trustedProxies: TrustedProxies;
  readonly tarpit: Tarpit;
  readonly answers: AnswerLog;
  readonly perTick: PerTick;
  readonly identityTokens: IdentityTokens;
  /** Null: the operator has no route map. */
  readonly routeMap: RouteMap | null;
}

const ANY_VALID_KEY = { permissions: [], cost: 1 };

/**
 * Answers forward auth, for every method: may the request of a gateway's client pass? It is on the fast path: it bypasses the
 * router and admission, reads no body, and ignores all header fields but those of `GatewayRequest`.
 */
export function forwardAuth(needs: ForwardAuthNeeds, next: RequestListener): RequestListener {
  const readSettings = settingsReader(needs.catalogue);
  const answerSoon = needs.perTick<Exchange>((exchanges) => {
    for (const exchange of exchanges) void answer(exchange, readSettings, needs);
  });
  return (request, response) => {
    if (isForwardAuth(request.url ?? '')) answerSoon(exchangeOf(request, response));
    else next(request, response);
  };
}

/** Is this URL of a request for forward auth? A gateway may append the path of the client's request to the path. */
function isForwardAuth(url: string): boolean {
  if (!url.startsWith(FORWARD_AUTH_PATH)) return false;
  const next = url[FORWARD_AUTH_PATH.length];
  return next === undefined || next === '?' || next === '/';
}

/** Never rejects. */
async function answer(
  exchange: Exchange,
  readSettings: ReadSettings,
  needs: ForwardAuthNeeds,
): Promise<void> {
  const { request, response, requestId } = exchange;
  // The body is not read, so the connection cannot be used for a further request. An upgrade is ignored.
  if (hasBody(request) || request.headers.upgrade !== undefined) response.shouldKeepAlive = false;
  let settings = BY_ROUTE_MAP;
  const sendAnswer = (message: RawResponse): void => {
    send(response, message);
    needs.answers.answered(exchange, message.status, 'fast');
  };
  try {
    settings = readSettings(request.url ?? '');
    const verdict = await judge(exchange, settings, needs);
    if (verdict.code === 'VALID') {
      const token = settings.sendsToken ? await needs.identityTokens.tokenFor(verdict) : '';
      return sendAnswer(acceptance(verdict, requestId, token));
    }
    const denied = denial(exchange, failureOf(verdict), settings, rateLimitFields(verdict.quota));
    if (isInvalidKey(verdict)) needs.tarpit.add(response, () => sendAnswer(denied));
    else sendAnswer(denied);
  } catch (error) {
    const failure = toAppError(error);
    needs.answers.failed(requestId, failure);
    needs.tarpit.add(response, () => sendAnswer(denial(exchange, failure, settings, {})));
  }
}

/** The verdict on the key that the client of the gateway presented, for its request. Throws the error to answer with. */
async function judge(
  exchange: Exchange,
  { question }: GatewaySettings,
  needs: ForwardAuthNeeds,
): Promise<Verdict> {
  const asked = new GatewayRequest(exchange.request);
  if (question) asked.requireOwnQuery();
  const gateway = await authenticateGateway(asked.verifierKey, exchange, needs);
  const keyText = asked.presentedKey;
  const { permissions, cost } = question ?? needOf(asked, needs.routeMap);
  const input = { keyText, workspaceId: gateway.workspaceId, permissions, cost };
  return needs.verifier.verify(input);
}

/** Throws the error of authentication, or PERMISSION_DENIED unless the key may verify keys. */
async function authenticateGateway(
  keyText: string,
  { request, requestId, url }: Exchange,
  { verifier, deniedCalls, trustedProxies }: ForwardAuthNeeds,
): Promise<Caller> {
  let caller: Caller | null = null;
  try {
    caller = await verifier.authenticate(keyText, clientInfoOf(request, requestId, trustedProxies));
    requirePermission(caller, 'api-keys:read');
    return caller;
  } catch (error) {
    if (caller) recordDenied(deniedCalls, caller, { method: request.method ?? '', url }, error);
    const { code, message, details, cause } = toAppError(error);
    throw new AppError(code, { message: `${VERIFIER_HEADER}: ${message}`, details, cause });
  }
}

/** What the route of the client's request needs. Throws ROUTE_NOT_MAPPED. */
function needOf(
  asked: GatewayRequest,
  routeMap: RouteMap | null,
): Pick<CheckQuestion, 'permissions' | 'cost'> {
  if (routeMap === null) return ANY_VALID_KEY;
  const { clientRequest } = asked;
  if (clientRequest === null)
    throw new AppError('ROUTE_NOT_MAPPED', {
      message:
        'The gateway must send the method and the target of the request, in X-Forwarded-Method and X-Forwarded-Uri or in X-Original-Method and X-Original-URI',
    });
  const route = routeMap.find(clientRequest);
  if (route) return route;
  throw new AppError('ROUTE_NOT_MAPPED');
}

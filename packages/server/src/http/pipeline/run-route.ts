import type { IncomingMessage } from 'node:http';
import {
  asksAboutCredential,
  bodyLimitOf,
  bodySchemaOf,
  type Endpoint,
  isBodyOptional,
  needsAccount,
  needsCredential,
  querySchemaOf,
  Success,
} from '@latchkey/contract';
import buildSerializer from 'fast-json-stringify';
import type { AccountHolder } from '../../domain/identity/account-holder.ts';
import { AppError } from '../../domain/shared/app-error.ts';
import { type Caller, type ClientInfo, requirePermission } from '../../domain/shared/caller.ts';
import { withTimeout } from '../../domain/shared/with-timeout.ts';
import { accountHolder, requireOwnWorkspace, whoCalls } from '../auth/caller.ts';
import { bearerToken } from '../auth/credentials.ts';
import { denyForeignPages } from '../auth/csrf.ts';
import { type JsonNeeds, readJson, type UnreadBody } from '../json/read-json.ts';
import { workOf } from '../load/call-work.ts';
import { recordDenied } from './denied-call.ts';
import { clientInfoOf, type Exchange } from './exchange.ts';
import { type RawResponse, rawResponse, toBody, writtenBody } from './raw-response.ts';
import { readExpectedVersions, readIdempotency } from './request-headers.ts';
import type { Call, Lines, Route } from './route.ts';
import type { Services } from './services.ts';
import { lazyValidator, type Validator } from './validation.ts';

/** Milliseconds. Only for reads: a change that has begun is answered with its true result, however long it takes. */
const READ_MS_MAX = 10_000;

/** What `runRoute` uses besides the services of the handlers. */
export type RunNeeds = Services & JsonNeeds;

/** A route with the validators and the serializer of its endpoint, which are compiled at their first use. */
export interface BoundRoute extends Route {
  readonly validators: {
    readonly params: Validator | null;
    readonly body: Validator;
    readonly query: Validator;
  };
  readonly serialize: (data: object) => string;
}

/** A request for a route, as its source has it: the router, or the fast path. */
export interface RouteRequest extends UnreadBody {
  readonly exchange: Exchange;
  readonly params: unknown;
  readonly query: unknown;
  /** Header fields that the handler sets; they are sent with a failure too. */
  readonly fields: Record<string, string>;
  /** Called once the caller is authenticated. */
  identified(caller: Caller): void;
}

export type RouteAnswer = RawResponse | Lines;

interface Subject {
  readonly client: ClientInfo;
  readonly caller: Caller | null;
  readonly holder: AccountHolder | null;
}

export function bindRoute(route: Route): BoundRoute {
  const { endpoint } = route;
  return {
    ...route,
    validators: {
      params: endpoint.params ? lazyValidator(endpoint.params, 'params') : null,
      body: lazyValidator(bodySchemaOf(endpoint), 'body'),
      query: lazyValidator(querySchemaOf(endpoint), 'querystring'),
    },
    serialize: lazySerializer(Success(endpoint.result)),
  };
}

/**
 * Answers a request for a route: authenticates the caller, checks the permission of the endpoint, reads and validates the
 * input, checks that a workspace which the request names is the caller's own, and runs the handler. Throws the error to
 * answer with. Once the caller is known, a denial is recorded in the audit log and an invalid body is counted.
 */
export async function runRoute(
  route: BoundRoute,
  asked: RouteRequest,
  needs: RunNeeds,
): Promise<RouteAnswer> {
  const { endpoint } = route;
  const { exchange } = asked;
  const { request } = exchange;
  if (endpoint.signsIn) denyForeignPages(request, needs.publicUrl());
  const subject = await identify(endpoint, exchange, needs);
  const { caller } = subject;
  if (caller) asked.identified(caller);
  try {
    if (caller) requireAccess(caller, endpoint);
    const body = await readInput(route, asked, caller, needs);
    return await handle(route, asked, subject, body);
  } catch (error) {
    if (caller) {
      recordDenied(needs.deniedCalls, caller, { method: request.method ?? '', url: exchange.url }, error);
      needs.invalidBodies.count(caller, bodySize(endpoint, request), error);
    }
    throw error;
  }
}

/** Authenticates the caller or the holder of the account, as the endpoint demands. */
async function identify(
  endpoint: Endpoint,
  { request, requestId }: Exchange,
  needs: RunNeeds,
): Promise<Subject> {
  const work = workOf(request);
  const client = clientInfoOf(request, requestId, needs.trustedProxies);
  const takesAccount = needsAccount(endpoint) || endpoint.accountOptional === true;
  const holder = takesAccount ? await work.hold(accountHolder(endpoint, needs, request, client)) : null;
  if (!needsCredential(endpoint) || needsAccount(endpoint)) return { client, caller: null, holder };
  if (asksAboutCredential(endpoint)) {
    bearerToken(request);
    return { client, caller: null, holder };
  }
  return { client, caller: await work.hold(whoCalls(needs, request, client)), holder };
}

/** Throws PERMISSION_DENIED unless the caller may call the endpoint. */
function requireAccess(caller: Caller, { access, verifyKeys }: Endpoint): void {
  if (caller.keyUse === 'verify' && !verifyKeys)
    throw new AppError('PERMISSION_DENIED', FOR_VERIFICATION_ONLY);
  if (access.permission !== null) requirePermission(caller, access.permission);
}

const FOR_VERIFICATION_ONLY = {
  message:
    'This key was created with use "verify": it may only verify keys (verify, verify-many, forward-auth) and ask about itself (check, me). Make this call with a key that has permissions',
};

/** Returns the body. Throws the first error of path, body and query, in this order. */
async function readInput(
  { endpoint, validators }: BoundRoute,
  asked: RouteRequest,
  caller: Caller | null,
  needs: RunNeeds,
): Promise<unknown> {
  const { params, query } = asked;
  const json = await readJson(endpoint, asked, caller, needs);
  const body = json === undefined && isBodyOptional(endpoint) ? {} : (json ?? null);
  const error = validators.params?.(params) ?? validators.body(body) ?? validators.query(query);
  if (error) throw error;
  if (caller) requireOwnWorkspace({ params, query, body }, caller);
  return body;
}

async function handle(
  route: BoundRoute,
  { exchange, params, query, fields }: RouteRequest,
  { client, caller, holder }: Subject,
  body: unknown,
): Promise<RouteAnswer> {
  const { endpoint } = route;
  const { request, requestId } = exchange;
  const { headers } = request;
  const work = workOf(request);
  const call = {
    client,
    caller,
    holder,
    get signal() {
      return work.signal;
    },
    params,
    query,
    body,
    token: asksAboutCredential(endpoint) ? bearerToken(request) : '',
    idempotency: readIdempotency(headers, endpoint, params, body),
    expectedVersions: endpoint.versioned ? readExpectedVersions(headers) : undefined,
    freePlace: () => work.free(),
    setHeaders: (more: Readonly<Record<string, string>>) => void Object.assign(fields, more),
  } as Call<Endpoint>;
  const handled = work.hold(route.handle(call));
  const isRead = endpoint.method === 'GET';
  const answer = await (isRead ? withTimeout(handled, READ_MS_MAX, () => work.abort()) : handled);
  if ('lines' in answer) return answer;
  const { status } = endpoint;
  if ('json' in answer) return rawResponse(status, writtenBody(answer), requestId, fields);
  const { message, result } = answer;
  const text = route.serialize({ success: true, data: { message, result } });
  return rawResponse(status, toBody(text), requestId, fields);
}

/** The size of the body in bytes: Content-Length, or the limit of the endpoint for a chunked body. */
function bodySize(endpoint: Endpoint, { headers }: IncomingMessage): number {
  const { 'content-length': length, 'transfer-encoding': encoding } = headers;
  return encoding === undefined ? Number(length ?? 0) : bodyLimitOf(endpoint);
}

/** Writes only the fields that the schema has. Compiled at the first use, which keeps the start fast. */
function lazySerializer(schema: object): (data: object) => string {
  let serialize: ((data: object) => string) | undefined;
  return (data) => {
    serialize ??= buildSerializer(schema);
    return serialize(data);
  };
}

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
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify';
import type { AccountHolder } from '../../domain/identity/account-holder.ts';
import { type Caller, requirePermission } from '../../domain/shared/caller.ts';
import { withTimeout } from '../../domain/shared/with-timeout.ts';
import { workOf } from '../load/call-work.ts';
import type { InvalidBodies } from '../load/invalid-bodies.ts';
import type { SchedulingClasses } from '../load/scheduling-class.ts';
import { accountHolder, whoCalls } from './caller.ts';
import { clientInfoOf } from './client-info.ts';
import { bearerToken } from './credentials.ts';
import { denyForeignPages } from './csrf.ts';
import { recordDenied } from './denied-call.ts';
import { sendNdjson } from './ndjson.ts';
import { writtenBody } from './raw-response.ts';
import { readExpectedVersions, readIdempotency } from './request-headers.ts';
import type { Call, Route } from './route.ts';
import type { Services } from './services.ts';
import { requireOwnWorkspace } from './workspace-guard.ts';

/** Milliseconds. Only for reads: a change that has begun is answered with its true result, however long it takes. */
const READ_MS_MAX = 10_000;

/** The settings of a route that the reading of its body needs. */
declare module 'fastify' {
  interface FastifyContextConfig {
    bodyValuesMax?: number | undefined;
  }
}

/** The services that check a request before its handler runs. */
interface Gate extends Services {
  readonly schedulingClasses: SchedulingClasses;
  readonly invalidBodies: InvalidBodies;
}

/**
 * Registers a route on the server. These are checked before the handler runs: the credential, the endpoint's permission, the
 * schemas, and that a workspace which the request names is the caller's own.
 */
export function bind(app: FastifyInstance, { endpoint, handle }: Route, gate: Gate): void {
  const callers = new WeakMap<FastifyRequest, Caller>();
  const holders = new WeakMap<FastifyRequest, AccountHolder>();
  const answerSchema = { ...Success(endpoint.result) };
  app.route({
    ...routeOptions(endpoint),
    method: endpoint.method,
    url: endpoint.path.replaceAll(/\{(\w+)\}/g, ':$1'),
    async onRequest(request) {
      if (endpoint.signsIn) denyForeignPages(request.raw, gate.publicUrl());
      const work = workOf(request.raw);
      const client = clientInfoOf(request.raw, request.id, gate.trustedProxies);
      const holder = await work.hold(accountHolder(endpoint, gate, request.raw, client));
      if (holder) holders.set(request, holder);
      const caller = await work.hold(identify(endpoint, request, gate));
      if (!caller) return;
      callers.set(request, caller);
      gate.schedulingClasses.remember(request.raw, caller);
      if (endpoint.access.permission !== null) requirePermission(caller, endpoint.access.permission);
    },
    async preParsing(request) {
      const caller = callers.get(request);
      if (caller && bodySize(endpoint, request) > 0) gate.invalidBodies.requireCredit(caller);
    },
    async preValidation(request) {
      if (request.body === undefined && isBodyOptional(endpoint)) request.body = {};
    },
    async onError(request, _reply, error) {
      const caller = callers.get(request);
      if (!caller) return;
      recordDenied(gate.deniedCalls, caller, request, error);
      gate.invalidBodies.count(caller, bodySize(endpoint, request), error);
    },
    async handler(request, reply) {
      const caller = callers.get(request) ?? null;
      if (caller) requireOwnWorkspace(request, caller);
      const work = workOf(request.raw);
      const who = { caller, holder: holders.get(request) ?? null };
      const handled = work.hold(handle(callOf(endpoint, gate, request, reply, who)));
      const isRead = endpoint.method === 'GET';
      const answer = await (isRead ? withTimeout(handled, READ_MS_MAX, () => work.abort()) : handled);
      if ('lines' in answer) return sendNdjson(reply, answer);
      reply.code(endpoint.status);
      if ('json' in answer) return reply.type('application/json; charset=utf-8').send(writtenBody(answer));
      const { message, result } = answer;
      // Compiled at the first use: a schema in the route's options would be compiled at start.
      const body = reply.serializeInput({ success: true, data: { message, result } }, answerSchema);
      return reply.type('application/json; charset=utf-8').send(body);
    },
  });
}

function callOf(
  endpoint: Endpoint,
  { trustedProxies }: Gate,
  request: FastifyRequest,
  reply: FastifyReply,
  who: { readonly caller: Caller | null; readonly holder: AccountHolder | null },
): Call<Endpoint> {
  const { params, query, body, headers } = request;
  return {
    ...who,
    client: clientInfoOf(request.raw, request.id, trustedProxies),
    signal: workOf(request.raw).signal,
    params,
    query,
    body,
    token: asksAboutCredential(endpoint) ? bearerToken(request.raw) : '',
    idempotency: readIdempotency(headers, endpoint, params, body),
    expectedVersions: endpoint.versioned ? readExpectedVersions(headers) : undefined,
    setHeaders(values) {
      reply.headers(values);
    },
  } as Call<Endpoint>;
}

/** The size of the body in bytes: Content-Length, or the limit of the endpoint for a chunked body. */
function bodySize(endpoint: Endpoint, { headers }: FastifyRequest): number {
  const { 'content-length': length, 'transfer-encoding': encoding } = headers;
  return encoding === undefined ? Number(length ?? 0) : bodyLimitOf(endpoint);
}

function routeOptions(endpoint: Endpoint): RouteShorthandOptions {
  const { params } = endpoint;
  return {
    bodyLimit: bodyLimitOf(endpoint),
    config: { bodyValuesMax: endpoint.bodyValuesMax },
    schema: {
      ...(params && { params }),
      querystring: querySchemaOf(endpoint),
      body: bodySchemaOf(endpoint),
    },
  };
}

/** Authenticates the caller if the endpoint needs one, before the body is read. */
async function identify(endpoint: Endpoint, request: FastifyRequest, gate: Gate): Promise<Caller | null> {
  if (!needsCredential(endpoint) || needsAccount(endpoint)) return null;
  if (asksAboutCredential(endpoint)) {
    bearerToken(request.raw);
    return null;
  }
  return whoCalls(gate, request.raw, clientInfoOf(request.raw, request.id, gate.trustedProxies));
}

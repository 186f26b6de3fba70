import { BODY_LIMIT_BYTES, type Endpoint, needsCredential, Success } from '@latchkey/contract';
import type { FastifyInstance, FastifyRequest, RouteShorthandOptions } from 'fastify';
import { AppError } from '../domain/shared/app-error.ts';
import { type Caller, requirePermission } from '../domain/shared/caller.ts';
import { readExpectedVersion, readIdempotency } from './conditional-headers.ts';
import { bearerToken } from './credentials.ts';
import type { Call, Route } from './route.ts';

/** Finds out who holds a token; throws the refusal. */
export type Authenticate = (token: string) => Promise<Caller>;

/**
 * Puts a route on the server. Before the handler runs: the credential, the permission that the endpoint states, the
 * schemas, and that a workspace, where the request names one, is the caller's own.
 */
export function bind(app: FastifyInstance, { endpoint, handle }: Route, authenticate: Authenticate): void {
  const callers = new WeakMap<FastifyRequest, Caller>();
  app.route({
    ...routeOptions(endpoint),
    method: endpoint.method,
    url: endpoint.path.replaceAll(/\{(\w+)\}/g, ':$1'),
    async onRequest(request) {
      const caller = await admit(endpoint, request, authenticate);
      if (caller) callers.set(request, caller);
    },
    async preValidation(request) {
      if (endpoint.bodyOptional && request.body === undefined) request.body = {};
    },
    async handler(request, reply) {
      const caller = callers.get(request) ?? null;
      if (caller) requireOwnWorkspace(request, caller);
      const call = {
        caller,
        params: request.params,
        query: request.query,
        body: request.body,
        token:
          endpoint.access.permission === null && endpoint.access.credential === 'subject'
            ? bearerToken(request.raw)
            : '',
        idempotency: readIdempotency(request.headers, endpoint, request.params, request.body),
        expectedVersion: endpoint.versioned ? readExpectedVersion(request.headers) : undefined,
        setHeaders(headers) {
          reply.headers(headers);
        },
      } as Call<Endpoint>;
      const { message, result } = await handle(call);
      return reply.code(endpoint.status).send({ success: true, data: { message, result } });
    },
  });
}

function routeOptions(endpoint: Endpoint): RouteShorthandOptions {
  const { params, query, body } = endpoint;
  return {
    bodyLimit: endpoint.bodyLimitBytes ?? BODY_LIMIT_BYTES,
    schema: {
      ...(params && { params }),
      ...(query && { querystring: query }),
      ...(body && { body }),
      response: { [endpoint.status]: Success(endpoint.result) },
    },
  };
}

/** The caller, where the endpoint wants one, with the permission that it states. Before any of the body is read. */
async function admit(
  endpoint: Endpoint,
  request: FastifyRequest,
  authenticate: Authenticate,
): Promise<Caller | null> {
  const { access } = endpoint;
  if (!needsCredential(endpoint)) return null;
  const token = bearerToken(request.raw);
  if (access.permission === null && access.credential === 'subject') return null;
  const caller = await authenticate(token);
  if (access.permission !== null) requirePermission(caller, access.permission);
  return caller;
}

/** In the path another workspace is as good as unknown; in a body or query it contradicts the credential. */
function requireOwnWorkspace({ params, body, query }: FastifyRequest, caller: Caller): void {
  const { workspaceId = caller.workspaceId } = params as { workspaceId?: string };
  if (workspaceId !== caller.workspaceId)
    throw new AppError('NOT_FOUND', { message: `No workspace ${workspaceId}` });
  for (const part of [body, query]) {
    const named = (part as { workspaceId?: string } | undefined)?.workspaceId;
    if (named !== undefined && named !== caller.workspaceId) {
      throw new AppError('PERMISSION_DENIED', {
        message: 'workspaceId must be the workspace of the credential',
      });
    }
  }
}

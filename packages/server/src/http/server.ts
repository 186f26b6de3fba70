import { createServer, type IncomingMessage, type Server, type ServerOptions } from 'node:http';
import { Readable } from 'node:stream';
import helmet from '@fastify/helmet';
import { API_BASE, ENDPOINTS, inCatalogue, verifyApiKey, verifyApiKeys } from '@latchkey/contract';
import {
  type FastifyBaseLogger,
  type FastifyHttpOptions,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  LogController,
} from 'fastify';
import { AppError } from '../domain/shared/app-error.ts';
import type { Drain } from './connections/drain.ts';
import { answerOnSocket, sendClientError } from './connections/parser-errors.ts';
import { dropSlowClients } from './connections/slow-clients.ts';
import { bodyOf, hasBody, PAGE_BODY_LIMIT_BYTES } from './json/read-body.ts';
import { parseStrictJson } from './json/strict-json.ts';
import { limitLoad } from './load/admission.ts';
import { BodyBudget, type BodyLimits } from './load/body-budget.ts';
import { InvalidBodies } from './load/invalid-bodies.ts';
import { SchedulingClasses } from './load/scheduling-class.ts';
import { Tarpit } from './load/tarpit.ts';
import { unitsOfBody, WorkTurns } from './load/work-turns.ts';
import { acceptInvitationRoutes } from './pages/accept-invitation/page.ts';
import { createKeyRoutes } from './pages/create-key/page.ts';
import { referenceRoutes } from './pages/reference/routes.ts';
import { providerRoutes, signInRoutes } from './pages/sign-in/routes.ts';
import { isOurFailure, sendError, toAppError } from './pipeline/error-response.ts';
import { fastCheck } from './pipeline/fast-check.ts';
import { fastPath } from './pipeline/fast-path.ts';
import { bind } from './pipeline/framework-adapter.ts';
import { guardRequest, HEADER_BYTES_MAX, loggableUrl, pathOfTarget } from './pipeline/request-guard.ts';
import { API_FIELDS, newRequestId } from './pipeline/response-headers.ts';
import { allowField, endpointsAt, type Route, routePathOf } from './pipeline/route.ts';
import type { Services } from './pipeline/services.ts';
import { lazyValidator } from './pipeline/validation.ts';
import { accountRoutes } from './routes/account.ts';
import { auditRoutes } from './routes/audit.ts';
import { invitationRoutes } from './routes/invitations.ts';
import { keyRoutes } from './routes/keys.ts';
import { memberRoutes } from './routes/members.ts';
import { roleRoutes } from './routes/roles.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { systemRoutes } from './routes/system.ts';
import { usageRoutes } from './routes/usage.ts';
import { verificationRoutes } from './routes/verification.ts';
import { workspaceRoutes } from './routes/workspaces.ts';

/** Milliseconds. Clients that send slower are disconnected; the check runs every `CONNECTIONS_CHECK_MS`. */
const HEADERS_TIMEOUT_MS = 8_000;
const REQUEST_TIMEOUT_MS = 28_000;
const CONNECTIONS_CHECK_MS = 2_000;
/** Longer than the idle timeout of common proxies, so that we do not close a connection just when a proxy uses it. */
const KEEP_ALIVE_TIMEOUT_MS = 72_000;

/** Longer than any id, so that an id that is too long is denied by the schema of the endpoint. */
const PARAM_LENGTH_MAX = 1_024;

/** Accepted content types: only the parameter `charset`; parameters may be empty (RFC 9110, section 5.6.6). */
const JSON_IN_UTF8 = /^application\/json\s*(?:;\s*)*(?:;\s*charset="?utf-8"?\s*(?:;\s*)*)?$/i;

const OPTIONS = {
  bodyLimit: PAGE_BODY_LIMIT_BYTES,
  logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
  genReqId: newRequestId,
  // Requests during the stop are answered as usual: the framework's own 503 has another format.
  return503OnClosing: false,
  routerOptions: { maxParamLength: PARAM_LENGTH_MAX },
  rewriteUrl: (request) => pathOfTarget(request.url ?? ''),
  clientErrorHandler: sendClientError,
  frameworkErrors(error, request, reply) {
    sendError(error, request, reply);
  },
} satisfies FastifyHttpOptions<Server>;

const SERVER_OPTIONS = {
  // The front door checks for a missing Host, so that the answer has our own format.
  requireHostHeader: false,
  maxHeaderSize: HEADER_BYTES_MAX,
  requestTimeout: REQUEST_TIMEOUT_MS,
  headersTimeout: HEADERS_TIMEOUT_MS,
  keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
  connectionsCheckingInterval: CONNECTIONS_CHECK_MS,
} satisfies ServerOptions;

/** Endpoints on the fast path, next to `checkApiKey`: customers' APIs call them on each of their own requests. */
const IN_FRONT: ReadonlySet<string> = new Set([verifyApiKey.id, verifyApiKeys.id]);

function allRoutes(services: Services, turns: WorkTurns): Route[] {
  return [
    ...keyRoutes(services),
    ...verificationRoutes(services, turns),
    ...usageRoutes(services),
    ...workspaceRoutes(services),
    ...roleRoutes(services),
    ...memberRoutes(services),
    ...invitationRoutes(services),
    ...accountRoutes(services),
    ...sessionRoutes(services),
    ...auditRoutes(services),
    ...systemRoutes(services),
  ];
}

/** Bytes of request bodies in memory, per workspace and in total: a few of the largest, or thousands of common ones. */
const BODIES: BodyLimits = { bytesMax: 32 * 2 ** 20, bytesOfClassMax: 8 * 2 ** 20 };

/** The HTTP server, ready to listen. Its sockets, which `drain` closes, are its only resources. */
export async function buildServer(
  services: Services,
  logger: FastifyBaseLogger,
  drain: Drain,
): Promise<FastifyInstance> {
  const { catalogue, verifier } = services;
  const turns = new WorkTurns();
  const invalidBodies = new InvalidBodies();
  const routes = allRoutes(services, turns).map((route) => ({
    ...route,
    endpoint: inCatalogue(route.endpoint, catalogue),
  }));
  const inFront = routes.filter(({ endpoint }) => IN_FRONT.has(endpoint.id));
  const tarpit = new Tarpit();
  const schedulingClasses = new SchedulingClasses(services);
  const bodies = new BodyBudget(BODIES);
  const needs = {
    gate: services,
    catalogue,
    verifier,
    tarpit,
    schedulingClasses,
    bodies,
    turns,
    invalidBodies,
    log: logger,
  };
  const app = fastify({
    ...OPTIONS,
    loggerInstance: logger,
    serverFactory(framework) {
      const listener = fastCheck(needs, fastPath(inFront, needs, limitLoad(needs, framework)));
      const server = createServer(SERVER_OPTIONS, drain.listener(listener));
      drain.watch(server);
      return server;
    },
  });
  // Node silently drops header fields over its limit, even credentials; the front door denies such requests instead.
  app.server.maxHeadersCount = 0;
  // An unknown expectation is ignored (RFC 9110, section 10.1.1).
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  answerOnSocket(app.server);
  dropSlowClients(app.server);
  takeReadBodies(app);
  acceptJson(app, turns, schedulingClasses);
  validateInput(app);
  await guard(app);
  answerFailures(app, services);
  for (const route of routes) bind(app, route, { ...services, schedulingClasses, invalidBodies });
  referenceRoutes(app, catalogue);
  acceptInvitationRoutes(app);
  createKeyRoutes(app);
  signInRoutes(app, { hasProvider: services.providerSignIn !== null, hasMail: services.mailer !== null });
  await providerRoutes(app, services);
  return app;
}

function validateInput(app: FastifyInstance): void {
  app.setValidatorCompiler(({ schema, httpPart }) => {
    const validate = lazyValidator(schema as object, httpPart ?? 'body');
    return (data: unknown) => {
      const error = validate(data);
      return error ? { error } : { value: data };
    };
  });
}

/** Registers parsers that use the stored body of an admitted request. */
function takeReadBodies(app: FastifyInstance): void {
  app.addHook('preParsing', async (request, _reply, payload) => {
    const { raw, routeOptions } = request;
    const body = bodyOf(raw);
    if (body) return Readable.from([body.bytes]);
    const isTooLong = Number(raw.headers['content-length']) > (routeOptions.bodyLimit ?? 0);
    // The credential was unknown at admission, so the body was not read. A place is never held while a body arrives.
    if (hasBody(raw) && !isTooLong) throw new AppError('UNAVAILABLE');
    return payload;
  });
}

function acceptJson(app: FastifyInstance, turns: WorkTurns, schedulingClasses: SchedulingClasses): void {
  // A body is checked on every endpoint: by default the framework ignores bodies of GET and HEAD.
  for (const method of ['GET', 'HEAD']) app.addHttpMethod(method, { hasBody: true, overrideExisting: true });
  app.addHook('onRequest', async ({ raw }) => {
    // Many clients send a content type without content, where it has no meaning (RFC 9110, section 8.3).
    if (!hasContent(raw)) delete raw.headers['content-type'];
  });
  app.removeAllContentTypeParsers();
  const options = { parseAs: 'buffer' } as const;
  app.addContentTypeParser('application/json', options, async (request: FastifyRequest, bytes: Buffer) => {
    const { 'content-type': type = '', 'content-encoding': encoding } = request.headers;
    if (!JSON_IN_UTF8.test(type) || encoding !== undefined) throw new AppError('MEDIA_TYPE_UNSUPPORTED');
    if (bytes.length === 0) return undefined;
    const { bodyValuesMax } = request.routeOptions.config;
    await turns.take(schedulingClasses.classOf(request.raw), unitsOfBody(bytes.length, bodyValuesMax));
    return parseStrictJson(bytes, bodyValuesMax);
  });
}

/** May the request have content? A chunked body may still turn out to be empty. */
function hasContent({ headers }: IncomingMessage): boolean {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = headers;
  return encoding !== undefined || length !== '0';
}

async function guard(app: FastifyInstance): Promise<void> {
  const none = ["'none'"];
  await app.register(helmet, {
    global: false,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: none,
        styleSrc: ["'self'"],
        baseUri: none,
        formAction: none,
        frameAncestors: none,
      },
    },
    frameguard: { action: 'deny' },
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(API_FIELDS).header('X-Request-Id', request.id);
    if (!request.url.startsWith(API_BASE)) reply.helmet();
    // An upgrade is ignored. The connection must close, since Node drops the bytes after the request in the same packet.
    if (request.headers.upgrade !== undefined) reply.header('Connection', 'close');
    guardRequest(request.raw, request.originalUrl);
    if (request.is404 || hasEmptySegment(request.url)) denyMiss(request, reply);
  });
}

/** Does the path have an empty segment? The router would accept it as an empty parameter. */
function hasEmptySegment(url: string): boolean {
  return url.startsWith(API_BASE) && /\/(?:\/|$)/.test(routePathOf(url));
}

/** Answers a request without a route: METHOD_NOT_ALLOWED with `Allow` if the path exists, else NOT_FOUND. */
function denyMiss({ url }: FastifyRequest, reply: FastifyReply): never {
  const endpoints = endpointsAt(ENDPOINTS, url);
  if (endpoints.length === 0) throw routeNotFound(url);
  const allow = allowField(endpoints);
  reply.header('Allow', allow);
  throw new AppError('METHOD_NOT_ALLOWED', { message: `This path answers to ${allow}` });
}

function routeNotFound(url: string): AppError {
  const path = routePathOf(url);
  const isSlashTooMany = path.endsWith('/') && endpointsAt(ENDPOINTS, path.slice(0, -1)).length > 0;
  return new AppError('ROUTE_NOT_FOUND', {
    ...(isSlashTooMany && { message: 'There is nothing at this path; leave out the slash at its end' }),
  });
}

function answerFailures(app: FastifyInstance, { trustedProxies }: Services): void {
  app.setErrorHandler((error, request, reply) => {
    const appError = toAppError(error);
    if (isOurFailure(appError)) request.log.error({ err: appError.cause ?? appError }, 'request failed');
    return sendError(appError, request, reply);
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method, url } = request;
    const fields = {
      address: trustedProxies.clientOf(request.raw),
      method,
      url: loggableUrl(url),
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
    };
    request.log[reply.statusCode >= 500 ? 'error' : 'debug'](fields, 'answered');
  });
}

const ANY_ADDRESS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** The URL of a listening server on its own machine. Throws if the server does not listen. */
export function listeningUrl(server: Server): string {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('The server does not listen on a port');
  const address = ANY_ADDRESS[bound.address] ?? bound.address;
  const host = address.includes(':') ? `[${address}]` : address;
  return `http://${host}:${bound.port}`;
}

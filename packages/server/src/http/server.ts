import { createServer, type Server, type ServerOptions } from 'node:http';
import { inCatalogue } from '@latchkey/contract';
import type { Logger } from 'pino';
import type { Metric, Tracer } from '../domain/shared/telemetry.ts';
import type { Drain } from './connections/drain.ts';
import { answerOnSocket, sendClientError } from './connections/parser-errors.ts';
import { dropSlowClients } from './connections/slow-clients.ts';
import { forwardAuth } from './forward-auth/forward-auth.ts';
import { IdentityTokens, keySetPage } from './forward-auth/identity-tokens.ts';
import { type Answer, limitLoad } from './load/admission.ts';
import { BodyBudget, type BodyLimits } from './load/body-budget.ts';
import { InvalidBodies } from './load/invalid-bodies.ts';
import { SchedulingClasses } from './load/scheduling-class.ts';
import { Tarpit } from './load/tarpit.ts';
import { batchPerTick, onePerTick } from './load/tick-batch.ts';
import { WorkTurns } from './load/work-turns.ts';
import { buildDashboard } from './pages/dashboard.ts';
import type { Page } from './pages/page.ts';
import { providerPages } from './pages/provider-pages.ts';
import { referencePages } from './pages/reference/pages.ts';
import { AnswerLog } from './pipeline/answer-log.ts';
import { fastCheck } from './pipeline/fast-check.ts';
import { fastPath } from './pipeline/fast-path.ts';
import { HEADER_BYTES_MAX } from './pipeline/request-guard.ts';
import { RequestSpans } from './pipeline/request-spans.ts';
import type { Route } from './pipeline/route.ts';
import { answerRouted } from './pipeline/routed-path.ts';
import { Router } from './pipeline/router.ts';
import { bindRoute } from './pipeline/run-route.ts';
import type { Services } from './pipeline/services.ts';
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
/**
 * Connections that the kernel keeps until they are accepted; Linux limits it to `net.core.somaxconn`, 4,096 by default. The
 * kernel drops further ones, and their clients try again only after one, three and seven seconds.
 */
const BACKLOG = 4_096;

const SERVER_OPTIONS = {
  // `guardRequest` checks for a missing Host, so that the answer has our own format.
  requireHostHeader: false,
  maxHeaderSize: HEADER_BYTES_MAX,
  requestTimeout: REQUEST_TIMEOUT_MS,
  headersTimeout: HEADERS_TIMEOUT_MS,
  keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
  connectionsCheckingInterval: CONNECTIONS_CHECK_MS,
} satisfies ServerOptions;

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

/** The HTTP server of the service. Its sockets, which `drain` closes, are its only resources. */
export interface HttpServer {
  /** Node's own server. */
  readonly server: Server;
  /** The methods and paths that it answers to. */
  readonly paths: readonly string[];
  metrics(): Metric[];
  /** Resolves with the URL on this machine; rejects with Node's error. */
  listen(place: { readonly host: string; readonly port: number }): Promise<string>;
  /** Stops listening, and resolves when no connection is open. */
  close(): Promise<void>;
}

/** Builds the HTTP server, which does not listen yet. `tracer`: null if no traces are recorded. */
export function buildServer(
  services: Services,
  log: Logger,
  drain: Drain,
  tracer: Tracer | null = null,
): HttpServer {
  const turns = new WorkTurns();
  const { catalogue, trustedProxies } = services;
  const routes = allRoutes(services, turns).map((route) =>
    bindRoute({ ...route, endpoint: inCatalogue(route.endpoint, catalogue) }),
  );
  const needs = {
    ...services,
    log,
    turns,
    answers: new AnswerLog(log, trustedProxies),
    invalidBodies: new InvalidBodies(),
    schedulingClasses: new SchedulingClasses(services),
    bodies: new BodyBudget(BODIES),
    tarpit: new Tarpit(),
    identityTokens: new IdentityTokens(services),
    perTick: tracer ? onePerTick : batchPerTick,
  };
  const pages = [...allPages(services, needs.answers), keySetPage(needs.identityTokens)];
  const router = new Router(routes, pages);
  const spans = tracer && new RequestSpans(tracer, router);
  const answer: Answer = (admitted) => void answerRouted(admitted, needs);
  const limited = limitLoad(needs, router, spans ? spans.resume(answer) : answer);
  const listener = fastCheck(needs, forwardAuth(needs, fastPath(routes, needs, limited.listener)));
  const server = createServer(SERVER_OPTIONS, drain.listener(spans ? spans.listener(listener) : listener));
  drain.watch(server);
  handleConnectionEvents(server);
  return {
    server,
    paths: [
      ...routes.map(({ endpoint }) => `${endpoint.method} ${endpoint.path}`),
      ...pages.map(({ path }) => `GET ${path}`),
    ],
    metrics: () => [...needs.answers.metrics(), ...limited.metrics()],
    listen: (place) => listen(server, place),
    close: () => close(server),
  };
}

function allPages(services: Services, answers: AnswerLog): Page[] {
  const { catalogue, providerSignIn, mailer } = services;
  const dashboard = buildDashboard({ hasProvider: providerSignIn !== null, hasMail: mailer !== null });
  return [...referencePages(catalogue), ...dashboard.pages, ...providerPages(services, dashboard, answers)];
}

/** Answers what does not reach a request listener: bytes that are not a request, CONNECT, and clients that stall. */
function handleConnectionEvents(server: Server): void {
  // Node silently drops header fields over its limit, even credentials; `guardRequest` denies such requests instead.
  server.maxHeadersCount = 0;
  server.on('clientError', sendClientError);
  // An unknown expectation is ignored (RFC 9110, section 10.1.1).
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  answerOnSocket(server);
  dropSlowClients(server);
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: BACKLOG }, () => {
      server.off('error', reject);
      resolve(listeningUrl(server));
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

const ANY_ADDRESS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** The URL of a listening server on its own machine. Throws if the server does not listen. */
export function listeningUrl(server: Pick<Server, 'address'>): string {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('The server does not listen on a port');
  const address = ANY_ADDRESS[bound.address] ?? bound.address;
  const host = address.includes(':') ? `[${address}]` : address;
  return `http://${host}:${bound.port}`;
}

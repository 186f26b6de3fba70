import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import {
  asksAboutCredential,
  bodyLimitOf,
  type Endpoint,
  exportLogs,
  getLiveness,
  getReadiness,
  needsAccount,
  takesSession,
} from '@latchkey/contract';
import type { FastifyBaseLogger } from 'fastify';
import { AppError, type Failure } from '../../domain/shared/app-error.ts';
import { hasBody, PAGE_BODY_LIMIT_BYTES, type ReadBody, readBody, setBody } from '../json/read-body.ts';
import { failureResponse, send } from '../pipeline/raw-response.ts';
import { newRequestId } from '../pipeline/response-headers.ts';
import { endpointOf } from '../pipeline/route.ts';
import type { BodyBudget } from './body-budget.ts';
import { CallWork, setWork } from './call-work.ts';
import { ConcurrencyLimiter, type ConcurrencyLimits } from './concurrency-limiter.ts';
import type { SchedulingClass, SchedulingClasses } from './scheduling-class.ts';
import type { Tarpit } from './tarpit.ts';

/** More concurrent calls of one workspace would not speed up a burst of changes, but slow down verifications. */
const CALLS: ConcurrencyLimits = {
  runningMax: 96,
  runningOfClassMax: 32,
  waitingMax: 1_000,
  waitMsMax: 5_000,
};
/** A reserve for known callers that revoke or delete something, such as a stolen key: no other call takes these places. */
const ENDINGS: ConcurrencyLimits = {
  runningMax: 16,
  runningOfClassMax: 4,
  waitingMax: 200,
  waitMsMax: 5_000,
};
/** Calls without a valid credential, such as a sign-in, take none of the places of calls with one. */
const STRANGERS: ConcurrencyLimits = {
  runningMax: 32,
  runningOfClassMax: 16,
  waitingMax: 500,
  waitMsMax: 5_000,
};
/** Exports have their own limits, since they last as long as their clients take to read them. */
const EXPORTS: ConcurrencyLimits = { runningMax: 8, runningOfClassMax: 2, waitingMax: 100, waitMsMax: 5_000 };

/** Probes are answered without admission, since they must work while the service is overloaded. */
const PROBES: ReadonlySet<string> = new Set([getLiveness.path, getReadiness.path]);

const TOO_MUCH: Failure = {
  code: 'UNAVAILABLE',
  message: 'Too many calls are waiting; nothing was done',
  details: [],
};

/** Milliseconds between two log lines about denied calls. */
const LOGGED_EVERY_MS = 10_000;

export interface LoadNeeds {
  readonly schedulingClasses: SchedulingClasses;
  readonly bodies: BodyBudget;
  readonly tarpit: Tarpit;
  readonly log: FastifyBaseLogger;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly endpoint: Endpoint | undefined;
}

interface Admitted extends Exchange {
  readonly body: ReadBody | null;
}

/**
 * Passes requests on to `next` and limits their concurrency. A request asks for a place once its body has arrived, and keeps
 * it until its work has ended. Further requests wait in a fair queue; if it is full, they are answered UNAVAILABLE.
 */
export function limitLoad(needs: LoadNeeds, next: RequestListener): RequestListener {
  const { schedulingClasses, bodies } = needs;
  const onDenied = deniedCounter(needs.log);
  const laneFor = lanes(needs, onDenied, next);
  const enter = async (exchange: Exchange): Promise<void> => {
    const { request, endpoint } = exchange;
    try {
      const turn = await schedulingClasses.schedulingClassOf(request, endpoint);
      const body = mustRead(exchange, turn)
        ? await readBody(request, {
            budget: bodies,
            className: turn.className,
            limitBytes: limitOf(endpoint),
          })
        : null;
      laneFor(endpoint, turn).ask(turn.className, { ...exchange, body });
    } catch (error) {
      onDenied();
      if (isUnavailable(error)) deny(exchange, needs);
      // Else the client has disconnected, or was answered on its socket.
    }
  };
  return (request, response) => {
    const endpoint = endpointOf(request);
    if (endpoint && PROBES.has(endpoint.path) && !hasBody(request)) next(request, response);
    else void enter({ request, response, endpoint });
  };
}

/** Returns a function that selects the admission for a request. */
function lanes(needs: LoadNeeds, onDenied: () => void, next: RequestListener) {
  const work = {
    start({ request, response, body }: Admitted, end: () => void): void {
      const call = new CallWork(() => {
        body?.close();
        end();
      });
      setWork(request, call);
      if (body) setBody(request, body);
      onExchangeEnd(response, () => call.endExchange());
      // The client may have disconnected while the request waited.
      if (request.socket.destroyed) call.endExchange();
      else next(request, response);
    },
    deny(admitted: Admitted): void {
      onDenied();
      admitted.body?.close();
      deny(admitted, needs);
    },
  };
  const [calls, endings, strangers, exports] = [CALLS, ENDINGS, STRANGERS, EXPORTS].map(
    (limits) => new ConcurrencyLimiter<Admitted>(limits, work),
  ) as [Lane, Lane, Lane, Lane];
  return (endpoint: Endpoint | undefined, { isKnown }: SchedulingClass): Lane => {
    if (endpoint === exportLogs) return exports;
    if (!isKnown) return endpoint && asksAboutCredential(endpoint) ? calls : strangers;
    return endpoint?.method === 'DELETE' ? endings : calls;
  };
}

type Lane = ConcurrencyLimiter<Admitted>;

/**
 * Must the body be read? Not from an unknown caller where the endpoint needs a credential, and not if Content-Length is over
 * the limit: both are denied without the body.
 */
function mustRead({ request, endpoint }: Exchange, { isKnown }: SchedulingClass): boolean {
  // An account may have no active member, so its caller is known only after the body has arrived.
  const isOfMember = endpoint && takesSession(endpoint) && !needsAccount(endpoint);
  if (!hasBody(request) || (isOfMember && !isKnown)) return false;
  return !(Number(request.headers['content-length'] ?? 0) > limitOf(endpoint));
}

function limitOf(endpoint: Endpoint | undefined): number {
  return endpoint ? bodyLimitOf(endpoint) : PAGE_BODY_LIMIT_BYTES;
}

function isUnavailable(error: unknown): boolean {
  return error instanceof AppError && error.code === 'UNAVAILABLE';
}

function deny({ response }: Exchange, { tarpit }: LoadNeeds): void {
  tarpit.add(response, () => send(response, failureResponse(TOO_MUCH, newRequestId(), {})));
}

/** The pending exchanges of each connection. */
const open = new WeakMap<Socket, Set<() => void>>();

/** Calls `end` once, when the answer is sent or the connection closes. Node reports the close to the first answer only. */
function onExchangeEnd(response: ServerResponse, end: () => void): void {
  const { socket } = response.req;
  const ends = open.get(socket) ?? watched(socket);
  ends.add(end);
  response.once('finish', () => {
    if (ends.delete(end)) end();
  });
}

function watched(socket: Socket): Set<() => void> {
  const ends = new Set<() => void>();
  open.set(socket, ends);
  socket.once('close', () => {
    for (const end of ends) end();
    ends.clear();
  });
  return ends;
}

/** Sums up denied calls in a line from time to time, since a line per denied call could flood the log. */
function deniedCounter(log: FastifyBaseLogger): () => void {
  let denied = 0;
  return () => {
    if (++denied > 1) return;
    setTimeout(() => {
      log.warn({ denied }, 'calls were denied: too many are waiting, or too slow');
      denied = 0;
    }, LOGGED_EVERY_MS).unref();
  };
}

import type { IncomingMessage, RequestListener } from 'node:http';
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
import type { Logger } from 'pino';
import { AppError, type Failure } from '../../domain/shared/app-error.ts';
import type { Metric } from '../../domain/shared/telemetry.ts';
import { hasBody, PAGE_BODY_LIMIT_BYTES, type ReadBody, readBody } from '../json/read-body.ts';
import { type Exchange, exchangeOf } from '../pipeline/exchange.ts';
import { failureResponse, send } from '../pipeline/raw-response.ts';
import type { Match, Router } from '../pipeline/router.ts';
import type { BodyBudget } from './body-budget.ts';
import { startWork } from './call-work.ts';
import { ConcurrencyLimiter, type ConcurrencyLimits } from './concurrency-limiter.ts';
import type { SchedulingClasses } from './scheduling-class.ts';
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
  readonly log: Logger;
}

interface Arrived {
  readonly exchange: Exchange;
  /** Null: no route matches the request. */
  readonly match: Match | null;
}

/** An admitted request. */
export interface Admitted extends Arrived {
  /** Null: the request has no body, or it was not read. */
  readonly body: ReadBody | null;
}

interface LimitedLoad {
  readonly listener: RequestListener;
  metrics(): Metric[];
}

export type Answer = (admitted: Admitted) => void;

/**
 * Finds the route of each request, reads its body, passes both on to `answer`, and limits the concurrency. A request asks for
 * a place once its body has arrived, and keeps it until its work has ended. Further requests wait in a fair queue; if it is
 * full, they are answered UNAVAILABLE.
 */
export function limitLoad(needs: LoadNeeds, router: Router, answer: Answer): LimitedLoad {
  const { schedulingClasses, bodies } = needs;
  const onDenied = deniedCounter(needs.log);
  const { laneFor, metrics } = lanes(needs, onDenied, answer);
  const enter = async (arrived: Arrived, endpoint: Endpoint | undefined): Promise<void> => {
    const { request } = arrived.exchange;
    try {
      const { className, isKnown } = await schedulingClasses.find(request, endpoint);
      const reading = { budget: bodies, className, limitBytes: limitOf(endpoint) };
      const body = mustRead(request, endpoint, isKnown) ? await readBody(request, reading) : null;
      laneFor(endpoint, isKnown).ask(className, { ...arrived, body });
    } catch (error) {
      onDenied();
      if (isUnavailable(error)) deny(arrived, needs);
      // Else the client has disconnected, or was answered on its socket.
    }
  };
  const listener: RequestListener = (request, response) => {
    const exchange = exchangeOf(request, response);
    const match = router.find(request);
    const endpoint = match && 'route' in match ? match.route.endpoint : undefined;
    if (endpoint && PROBES.has(endpoint.path) && !hasBody(request)) answer({ exchange, match, body: null });
    else void enter({ exchange, match }, endpoint);
  };
  return { listener, metrics };
}

/** The function selects the admission for a request. */
function lanes(needs: LoadNeeds, onDenied: () => void, answer: Answer) {
  const work = {
    start(admitted: Admitted, end: () => void): void {
      const { request, response } = admitted.exchange;
      const call = startWork(response, () => {
        admitted.body?.close();
        end();
      });
      // The client may have disconnected while the request waited.
      if (request.socket.destroyed) call.endExchange();
      else answer(admitted);
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
  const laneFor = (endpoint: Endpoint | undefined, isKnown: boolean): Lane => {
    if (endpoint?.id === exportLogs.id) return exports;
    if (!isKnown) return endpoint && asksAboutCredential(endpoint) ? calls : strangers;
    return endpoint?.method === 'DELETE' ? endings : calls;
  };
  return { laneFor, metrics: () => laneMetrics({ calls, endings, strangers, exports }) };
}

function laneMetrics(lanes: Readonly<Record<string, Lane>>): Metric[] {
  const samples = (state: keyof Lane['load']) => () =>
    Object.entries(lanes).map(([lane, { load }]) => ({ labels: { lane }, value: load[state] }));
  return [
    {
      name: 'http_calls_running',
      help: 'Calls that run, by kind: `endings` revoke or delete, `strangers` have no valid credential.',
      type: 'gauge',
      samples: samples('running'),
    },
    {
      name: 'http_calls_waiting',
      help: 'Calls that wait for their turn, by the same kinds.',
      type: 'gauge',
      samples: samples('waiting'),
    },
  ];
}

type Lane = ConcurrencyLimiter<Admitted>;

/**
 * Must the body be read? Not from an unknown caller where the endpoint needs a credential, and not if Content-Length is over
 * the limit: both are denied without the body.
 */
function mustRead(request: IncomingMessage, endpoint: Endpoint | undefined, isKnown: boolean): boolean {
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

function deny({ exchange }: Arrived, { tarpit }: LoadNeeds): void {
  const { request, response, requestId } = exchange;
  const { accept } = request.headers;
  tarpit.add(response, () => send(response, failureResponse(TOO_MUCH, requestId, accept, {})));
}

/** Sums up denied calls in a line from time to time, since a line per denied call could flood the log. */
function deniedCounter(log: Logger): () => void {
  let denied = 0;
  return () => {
    if (++denied > 1) return;
    setTimeout(() => {
      log.warn({ denied }, 'calls were denied: too many are waiting, or too slow');
      denied = 0;
    }, LOGGED_EVERY_MS).unref();
  };
}

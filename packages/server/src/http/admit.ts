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
import { AppError, type Failure } from '../domain/shared/app-error.ts';
import { Admission, type AdmissionLimits } from './admission.ts';
import type { BodyBudget } from './body-budget.ts';
import { CallWork, setWork } from './call-work.ts';
import { endpointOf } from './endpoints-at.ts';
import type { KnownCallers, Turn } from './known-callers.ts';
import { failureMessage, send } from './message.ts';
import { hasBody, PAGE_BODY_LIMIT_BYTES, type ReadBody, readBody, setBody } from './read-body.ts';
import { newRequestId } from './request-id.ts';
import type { UnhurriedAnswers } from './unhurried.ts';

/** More of one workspace make a burst of changes no faster, and verifications beside it slower. */
const CALLS: AdmissionLimits = {
  underWayMax: 96,
  underWayOfClassMax: 32,
  waitingMax: 1_000,
  waitMsMax: 5_000,
};
/** A reserve for known callers that end something, such as a stolen key: no other call takes its places. */
const ENDINGS: AdmissionLimits = {
  underWayMax: 16,
  underWayOfClassMax: 4,
  waitingMax: 200,
  waitMsMax: 5_000,
};
/** Calls without a good credential, such as a sign-in, take none of the places of those with one. */
const STRANGERS: AdmissionLimits = {
  underWayMax: 32,
  underWayOfClassMax: 16,
  waitingMax: 500,
  waitMsMax: 5_000,
};
/** They last as long as their clients take to read them. */
const EXPORTS: AdmissionLimits = { underWayMax: 8, underWayOfClassMax: 2, waitingMax: 100, waitMsMax: 5_000 };

/** Probes ask these because the service may be overloaded. */
const PROBES: ReadonlySet<string> = new Set([getLiveness.path, getReadiness.path]);

const TOO_MUCH: Failure = {
  code: 'UNAVAILABLE',
  message: 'Too many calls are waiting; nothing was done',
  details: [],
};

/** Milliseconds between two lines in the log about calls that were denied. */
const LOGGED_EVERY_MS = 10_000;

export interface AdmitNeeds {
  readonly knownCallers: KnownCallers;
  readonly bodies: BodyBudget;
  readonly unhurried: UnhurriedAnswers;
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
 * Hands requests on to `next`, so many at a time. A request asks for a place when its body is in, and has it until its work has
 * ended. Of what finds no place so much may wait, each workspace with its own turn; all else is answered UNAVAILABLE.
 */
export function admit(needs: AdmitNeeds, next: RequestListener): RequestListener {
  const { knownCallers, bodies } = needs;
  const onDenied = deniedCounter(needs.log);
  const laneFor = lanes(needs, onDenied, next);
  const enter = async (exchange: Exchange): Promise<void> => {
    const { request, endpoint } = exchange;
    try {
      const turn = await knownCallers.turnOf(request, endpoint);
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
      // Else its client has gone away, or was told on its connection.
    }
  };
  return (request, response) => {
    const endpoint = endpointOf(request);
    if (endpoint && PROBES.has(endpoint.path) && !hasBody(request)) next(request, response);
    else void enter({ request, response, endpoint });
  };
}

/** The admission that a request asks for its place. */
function lanes(needs: AdmitNeeds, onDenied: () => void, next: RequestListener) {
  const work = {
    start({ request, response, body }: Admitted, end: () => void): void {
      const call = new CallWork(() => {
        body?.close();
        end();
      });
      setWork(request, call);
      if (body) setBody(request, body);
      onExchangeEnd(response, () => call.endExchange());
      // Its client may have gone away while it waited.
      if (request.socket.destroyed) call.endExchange();
      else next(request, response);
    },
    refuse(admitted: Admitted): void {
      onDenied();
      admitted.body?.close();
      deny(admitted, needs);
    },
  };
  const [calls, endings, strangers, exports] = [CALLS, ENDINGS, STRANGERS, EXPORTS].map(
    (limits) => new Admission<Admitted>(limits, work),
  ) as [Lane, Lane, Lane, Lane];
  return (endpoint: Endpoint | undefined, { isKnown }: Turn): Lane => {
    if (endpoint === exportLogs) return exports;
    if (!isKnown) return endpoint && asksAboutCredential(endpoint) ? calls : strangers;
    return endpoint?.method === 'DELETE' ? endings : calls;
  };
}

type Lane = Admission<Admitted>;

/**
 * Has the request a body to read? Of a caller that is not known none is read where the endpoint asks for one, and none that says
 * itself that it is too long: both are denied without.
 */
function mustRead({ request, endpoint }: Exchange, { isKnown }: Turn): boolean {
  // Of an account no member may be active: who calls is known only after the body is in.
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

function deny({ response }: Exchange, { unhurried }: AdmitNeeds): void {
  unhurried.add(response, () => send(response, failureMessage(TOO_MUCH, newRequestId(), {})));
}

/** The exchanges of each connection that are not over. */
const open = new WeakMap<Socket, Set<() => void>>();

/** Calls `end` once, when the answer is out or its connection closed: of that Node tells only the first answer of several. */
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

/** A line for each call that is denied would be one more flood. */
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

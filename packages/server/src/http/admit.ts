import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { exportLogs, getLiveness, getReadiness } from '@latchkey/contract';
import type { FastifyBaseLogger } from 'fastify';
import type { Failure } from '../domain/shared/app-error.ts';
import { Admission, type AdmissionLimits } from './admission.ts';
import type { KnownCallers } from './known-callers.ts';
import { failureMessage, send } from './message.ts';
import { newRequestId } from './request-id.ts';
import { routePathOf } from './route-path.ts';
import type { UnhurriedAnswers } from './unhurried.ts';

/**
 * More of one workspace make a burst of changes no faster, and verifications beside it slower. A request that waits keeps
 * what of its body has come: 64 KiB at most.
 */
const CALLS: AdmissionLimits = {
  underWayMax: 96,
  underWayOfClassMax: 32,
  waitingMax: 1_000,
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

/** Between two words in the log about what was refused. */
const TOLD_EVERY_MS = 10_000;

export interface AdmitNeeds {
  readonly knownCallers: KnownCallers;
  readonly unhurried: UnhurriedAnswers;
  readonly log: FastifyBaseLogger;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * Hands requests on to `next`, so many at a time. Of what comes on top so much may wait, each workspace with its own turn;
 * all else is answered UNAVAILABLE, before any of its body was read.
 */
export function admit({ knownCallers, unhurried, log }: AdmitNeeds, next: RequestListener): RequestListener {
  const tell = refusalTeller(log);
  const work = {
    start({ request, response }: Exchange, end: () => void): void {
      endWith(response, end);
      // Its client may have gone away while it waited.
      if (request.destroyed) end();
      else next(request, response);
    },
    refuse({ response }: Exchange): void {
      tell();
      unhurried.add(response, () => send(response, failureMessage(TOO_MUCH, newRequestId(), {})));
    },
  };
  const calls = new Admission<Exchange>(CALLS, work);
  const exports = new Admission<Exchange>(EXPORTS, work);
  return (request, response) => {
    const path = routePathOf(request.url ?? '');
    if (PROBES.has(path)) return next(request, response);
    const admission = path === exportLogs.path ? exports : calls;
    admission.ask(knownCallers.classOf(request), { request, response });
  };
}

/** What is under way on each connection. */
const underWay = new WeakMap<Socket, Set<() => void>>();

/** Calls `end` when the answer is out, or its connection closed: of that Node tells only the first of several on it. */
function endWith(response: ServerResponse, end: () => void): void {
  const { socket } = response.req;
  const ends = underWay.get(socket) ?? watched(socket);
  ends.add(end);
  response.once('finish', () => {
    ends.delete(end);
    end();
  });
}

function watched(socket: Socket): Set<() => void> {
  const ends = new Set<() => void>();
  underWay.set(socket, ends);
  socket.once('close', () => {
    for (const end of ends) end();
  });
  return ends;
}

/** A line for each refusal would be one more flood. */
function refusalTeller(log: FastifyBaseLogger): () => void {
  let refused = 0;
  return () => {
    if (++refused > 1) return;
    setTimeout(() => {
      log.warn({ refused }, 'calls were refused: too many are waiting');
      refused = 0;
    }, TOLD_EVERY_MS).unref();
  };
}

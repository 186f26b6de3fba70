import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import type { AppError } from '../../domain/shared/app-error.ts';
import type { TrustedProxies } from '../connections/trusted-proxies.ts';
import { isOurFailure } from './error-response.ts';
import { loggableUrl } from './request-guard.ts';

/** A sent answer. */
export interface Answered {
  readonly request: IncomingMessage;
  readonly requestId: string;
  readonly url: string;
  readonly status: number;
  /** Milliseconds, from `performance.now`. */
  readonly arrivedAt: number;
  /** The path of the code: `fast` for frequent calls, `routed` for all others. */
  readonly path: 'fast' | 'routed';
}

/** The log lines of requests: one for each answer (debug; error from status 500), and one for each failure of ours. */
export class AnswerLog {
  readonly #log: Logger;
  readonly #proxies: TrustedProxies;

  constructor(log: Logger, proxies: TrustedProxies) {
    this.#log = log;
    this.#proxies = proxies;
  }

  answered({ request, requestId, url, status, arrivedAt, path }: Answered): void {
    const level = status >= 500 ? 'error' : 'debug';
    if (!this.#log.isLevelEnabled(level)) return;
    const fields = {
      requestId,
      address: this.#proxies.clientOf(request),
      method: request.method,
      url: loggableUrl(url),
      status,
      ms: Math.round(performance.now() - arrivedAt),
      path,
    };
    this.#log[level](fields, 'answered');
  }

  /** Logs a failure that the operator must see. All other failures are only answered. */
  failed(requestId: string, failure: AppError): void {
    if (isOurFailure(failure))
      this.#log.error({ requestId, err: failure.cause ?? failure }, 'request failed');
  }
}

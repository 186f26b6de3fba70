import type { Logger } from 'pino';
import type { AppError } from '../../domain/shared/app-error.ts';
import { Durations, type Metric } from '../../domain/shared/telemetry.ts';
import type { TrustedProxies } from '../connections/trusted-proxies.ts';
import { isOurFailure } from './error-response.ts';
import type { Exchange } from './exchange.ts';
import { loggableUrl } from './request-guard.ts';

/** The path of the code: `fast` for frequent calls, `routed` for all others. */
type AnswerPath = 'fast' | 'routed';

/** `fast` and `routed` have a histogram for each class of status, such as `2xx`. */
const PATHS: readonly AnswerPath[] = ['fast', 'routed'];
const CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const;

/**
 * The log lines of requests: one for each answer (debug; error from status 500), and one for each failure of ours. It also
 * counts the answers and their durations.
 */
export class AnswerLog {
  readonly #log: Logger;
  readonly #proxies: TrustedProxies;
  readonly #durations = {
    fast: CLASSES.map(() => new Durations()),
    routed: CLASSES.map(() => new Durations()),
  };

  constructor(log: Logger, proxies: TrustedProxies) {
    this.#log = log;
    this.#proxies = proxies;
  }

  /** To be called once an answer is sent. */
  answered(
    { request, requestId, url, arrivedAt }: Omit<Exchange, 'response'>,
    status: number,
    path: AnswerPath,
  ): void {
    const took = performance.now() - arrivedAt;
    this.#durations[path][Math.trunc(status / 100) - 1]?.observe(took / 1_000);
    const level = status >= 500 ? 'error' : 'debug';
    if (!this.#log.isLevelEnabled(level)) return;
    const fields = {
      requestId,
      address: this.#proxies.clientOf(request),
      method: request.method,
      url: loggableUrl(url),
      status,
      ms: Math.round(took),
      path,
    };
    this.#log[level](fields, 'answered');
  }

  metrics(): Metric[] {
    const samples = () =>
      PATHS.flatMap((path) =>
        CLASSES.flatMap((status, index) => this.#durations[path][index]?.samples({ path, status }) ?? []),
      );
    const help = 'Durations of answers: `fast` are verifications from memory, `routed` all other calls.';
    return [{ name: 'http_answer_seconds', help, type: 'histogram', samples }];
  }

  /** Logs a failure that the operator must see. All other failures are only answered. */
  failed(requestId: string, failure: AppError): void {
    if (isOurFailure(failure))
      this.#log.error({ requestId, err: failure.cause ?? failure }, 'request failed');
  }
}

import { type CheckBody, checkApiKey, verifyApiKey, verifyApiKeys } from '@latchkey/contract';
import { AppError } from '../../domain/shared/app-error.ts';
import { NO_QUOTA } from '../../domain/verification/limits/quota-counters.ts';
import type { Verdict, VerifyInput } from '../../domain/verification/verifier.ts';
import { requireOwnWorkspace } from '../auth/caller.ts';
import { reportWork } from '../load/call-work.ts';
import { classOf } from '../load/scheduling-class.ts';
import type { WorkTurns } from '../load/work-turns.ts';
import { readQuestion } from '../pipeline/fast-check.ts';
import { type Route, route, writtenRoute } from '../pipeline/route.ts';
import type { Services } from '../pipeline/services.ts';
import { presentCheck, rateLimitFields, verdictJson } from '../present/verdict.ts';

/** The verdict on a key if the store did not answer in time. */
const UNANSWERED: Verdict = {
  code: 'UNAVAILABLE',
  key: null,
  holds: [],
  missing: [],
  quota: NO_QUOTA,
  cost: 0,
};

/** Checks that run before the next turn is requested. */
const CHECKS_AT_ONCE = 100;
/** The most units of work (see `WorkTurns`) of a check: a denied check is serialized completely. */
const UNITS_A_CHECK = 1_500;
const UNITS_A_PERMISSION = 50;

export function verificationRoutes({ verifier, clock, catalogue }: Services, turns: WorkTurns): Route[] {
  const inputOf = (check: CheckBody, workspaceId: string): VerifyInput => {
    const { key: keyText, permissions = [], cost = 1 } = check;
    return { keyText, workspaceId, permissions, cost };
  };
  /** The verdicts on some keys as JSON. After the store did not answer for one key, only the cache is read. */
  const askSome = async (inputs: readonly VerifyInput[], asked: Asked): Promise<void> => {
    for (const input of inputs) {
      const known = verifier.verifyNow(input);
      const verdict =
        known ?? (asked.isLate ? UNANSWERED : await verifier.verifyUncached(input).catch(unanswered));
      if (verdict instanceof Promise) writeLater(verdict, asked);
      else asked.written.push(verdictJson(verdict, clock.now()));
      asked.isLate ||= verdict === UNANSWERED;
    }
  };
  /** Keys whose quota has to be asked for are asked for together. */
  const writeLater = (pending: Promise<Verdict>, asked: Asked): void => {
    const at = asked.written.push('') - 1;
    const write = pending.catch(unanswered).then((verdict) => {
      asked.written[at] = verdictJson(verdict, clock.now());
    });
    // Its error is reported after the other checks, by `Promise.all`.
    write.catch(() => {});
    asked.pending.push(write);
  };
  /**
   * The verdicts as JSON. Each is serialized right after its check, while the key is cached and its last use is now. If
   * there are many, other requests are answered in between.
   */
  const askAll = async (inputs: readonly VerifyInput[], className: string): Promise<string[]> => {
    const asked: Asked = { written: [], pending: [], isLate: false };
    for (let from = 0; from < inputs.length; from += CHECKS_AT_ONCE) {
      const some = inputs.slice(from, from + CHECKS_AT_ONCE);
      const turn = turns.take(className, unitsOf(some));
      if (turn) await turn;
      await askSome(some, asked);
      reportWork({ checks: some.length });
    }
    await Promise.all(asked.pending);
    return asked.written;
  };

  return [
    route(checkApiKey, async ({ token, client, query, setHeaders }) => {
      if (query.workspaceId !== undefined)
        requireOwnWorkspace({ query }, await verifier.authenticate(token, client));
      const verdict = await verifier.verify({ keyText: token, ...readQuestion(query, catalogue) });
      setHeaders(rateLimitFields(verdict.quota));
      const answer = presentCheck(verdict);
      if ('code' in answer) throw new AppError(answer.code, answer);
      return answer;
    }),
    writtenRoute(verifyApiKey, async ({ caller, body, setHeaders }) => {
      const verdict = await verifier.verify(inputOf(body, caller.workspaceId));
      setHeaders(rateLimitFields(verdict.quota));
      return { json: `{"message":"API key verified","result":${verdictJson(verdict, clock.now())}}` };
    }),
    writtenRoute(verifyApiKeys, async ({ caller, body }) => {
      const written = await askAll(
        body.checks.map((check) => inputOf(check, caller.workspaceId)),
        classOf(caller),
      );
      // Not `join`, which would copy the text once more before it is sent.
      const list = written.reduce((text, verdict) => `${text},${verdict}`);
      return { json: `{"message":"${written.length} API keys verified","result":{"verdicts":[${list}]}}` };
    }),
  ];
}

/** The progress of a `verify-many` call. */
interface Asked {
  /** In the order of the checks; '' where a verdict is pending. */
  readonly written: string[];
  readonly pending: Promise<void>[];
  /** The store did not answer in time, so the remaining keys do not wait for it. */
  isLate: boolean;
}

function unitsOf(inputs: readonly VerifyInput[]): number {
  let units = 0;
  for (const { permissions } of inputs) units += UNITS_A_CHECK + UNITS_A_PERMISSION * permissions.length;
  return units;
}

function unanswered(error: unknown): Verdict {
  if (error instanceof AppError && error.code === 'UNAVAILABLE') return UNANSWERED;
  throw error;
}

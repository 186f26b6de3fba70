import { type CheckBody, checkApiKey, verifyApiKey, verifyApiKeys } from '@latchkey/contract';
import { AppError } from '../../domain/shared/app-error.ts';
import { NO_QUOTA } from '../../domain/verification/limits/quota-counters.ts';
import type { Verdict, VerifyInput } from '../../domain/verification/verifier.ts';
import { readQuestion } from '../check-question.ts';
import { requireOwnWorkspace } from '../own-workspace.ts';
import { presentCheck } from '../present-check.ts';
import { rateLimitFields } from '../rate-limit-fields.ts';
import { type Route, route, writtenRoute } from '../route.ts';
import type { Services } from '../services.ts';
import { verdictJson } from '../verdict-json.ts';

/** The verdict on a key of which nobody could tell in time. */
const UNANSWERED: Verdict = { code: 'UNAVAILABLE', key: null, holds: [], missing: [], quota: NO_QUOTA };

export function verificationRoutes({ verifier, clock, catalogue }: Services): Route[] {
  const inputOf = (check: CheckBody, workspaceId: string): VerifyInput => {
    const { key: keyText, permissions = [], cost = 1 } = check;
    return { keyText, workspaceId, permissions, cost };
  };
  /** Without a wait where memory has the answer. */
  const ask = (input: VerifyInput): Verdict | Promise<Verdict> =>
    verifier.verifyNow(input) ?? verifier.verify(input);
  /**
   * The verdicts as JSON, each written as soon as it is known: the key is at hand then, and its last use is now. Where the
   * store did not answer for one key, only memory is asked for those behind it: nobody waits for each anew.
   */
  const askAll = async (inputs: readonly VerifyInput[]): Promise<string[]> => {
    const written: string[] = [];
    let isLate = false;
    for (const input of inputs) {
      const asked: Verdict | Promise<Verdict> = isLate
        ? (verifier.verifyNow(input) ?? UNANSWERED)
        : ask(input);
      const verdict: Verdict = asked instanceof Promise ? await asked.catch(unanswered) : asked;
      isLate ||= verdict === UNANSWERED;
      written.push(verdictJson(verdict, clock.now()));
    }
    return written;
  };

  return [
    route(checkApiKey, async ({ token, origin, query, setHeaders }) => {
      if (query.workspaceId !== undefined)
        requireOwnWorkspace({ query }, await verifier.authenticate(token, origin));
      const verdict = await verifier.verify({ keyText: token, ...readQuestion(query, catalogue) });
      setHeaders(rateLimitFields(verdict.quota));
      const answer = presentCheck(verdict);
      if ('code' in answer) throw new AppError(answer.code, answer);
      return answer;
    }),
    writtenRoute(verifyApiKey, async ({ caller, body, setHeaders }) => {
      const verdict = await ask(inputOf(body, caller.workspaceId));
      setHeaders(rateLimitFields(verdict.quota));
      return { json: `{"message":"API key verified","result":${verdictJson(verdict, clock.now())}}` };
    }),
    writtenRoute(verifyApiKeys, async ({ caller, body }) => {
      const written = await askAll(body.checks.map((check) => inputOf(check, caller.workspaceId)));
      // Not `join`: that would copy at once what is copied again when it is sent.
      const list = written.reduce((text, verdict) => `${text},${verdict}`);
      return { json: `{"message":"${written.length} API keys verified","result":{"verdicts":[${list}]}}` };
    }),
  ];
}

function unanswered(error: unknown): Verdict {
  if (error instanceof AppError && error.code === 'UNAVAILABLE') return UNANSWERED;
  throw error;
}

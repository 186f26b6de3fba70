import { type CheckBody, checkApiKey, verifyApiKey, verifyApiKeys } from '@latchkey/contract';
import { AppError } from '../../domain/shared/app-error.ts';
import type { Verdict } from '../../domain/verification/verifier.ts';
import { presentCheck } from '../present-check.ts';
import { rateLimitFields } from '../rate-limit-fields.ts';
import { type Route, route, writtenRoute } from '../route.ts';
import type { Services } from '../services.ts';
import { verdictJson } from '../verdict-json.ts';

export function verificationRoutes({ verifier, clock }: Services): Route[] {
  /** Without a wait where memory has the answer. */
  const ask = (check: CheckBody, workspaceId: string): Verdict | Promise<Verdict> => {
    const { key: keyText, permissions = [], cost = 1 } = check;
    const input = { keyText, workspaceId, permissions, cost };
    return verifier.verifyNow(input) ?? verifier.verify(input);
  };

  return [
    route(checkApiKey, async ({ token, setHeaders }) => {
      const verdict = await verifier.verify({ keyText: token, workspaceId: null, permissions: [], cost: 1 });
      setHeaders(rateLimitFields(verdict.quota));
      const answer = presentCheck(verdict);
      if ('code' in answer) throw new AppError(answer.code, answer);
      return answer;
    }),
    writtenRoute(verifyApiKey, async ({ caller, body, setHeaders }) => {
      const verdict = await ask(body, caller.workspaceId);
      setHeaders(rateLimitFields(verdict.quota));
      return { json: `{"message":"API key verified","result":${verdictJson(verdict, clock.now())}}` };
    }),
    writtenRoute(verifyApiKeys, async ({ caller, body }) => {
      const verdicts: Verdict[] = [];
      for (const check of body.checks) {
        const verdict = ask(check, caller.workspaceId);
        verdicts.push(verdict instanceof Promise ? await verdict : verdict);
      }
      const now = clock.now();
      const written = verdicts.map((verdict) => verdictJson(verdict, now));
      // Not `join`: that would copy at once what is copied again when it is sent.
      const list = written.reduce((text, verdict) => `${text},${verdict}`);
      return { json: `{"message":"${verdicts.length} API keys verified","result":{"verdicts":[${list}]}}` };
    }),
  ];
}

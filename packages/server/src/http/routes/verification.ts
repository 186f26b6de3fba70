import { type CheckBody, checkApiKey, verifyApiKey, verifyApiKeys } from '@latchkey/contract';
import { AppError } from '../../domain/shared/app-error.ts';
import type { Verdict } from '../../domain/verification/verifier.ts';
import { presentCheck } from '../present-check.ts';
import { presentVerdict } from '../present-verdict.ts';
import { rateLimitFields } from '../rate-limit-fields.ts';
import { type Route, route } from '../route.ts';
import type { Services } from '../services.ts';

export function verificationRoutes({ verifier, clock }: Services): Route[] {
  const ask = ({ key, permissions = [], cost = 1 }: CheckBody, workspaceId: string): Promise<Verdict> =>
    verifier.verify({ keyText: key, workspaceId, permissions, cost });

  return [
    route(checkApiKey, async ({ token, setHeaders }) => {
      const verdict = await verifier.verify({ keyText: token, workspaceId: null, permissions: [], cost: 1 });
      setHeaders(rateLimitFields(verdict.quota));
      const answer = presentCheck(verdict);
      if (answer instanceof AppError) throw answer;
      return answer;
    }),
    route(verifyApiKey, async ({ caller, body, setHeaders }) => {
      const verdict = await ask(body, caller.workspaceId);
      setHeaders(rateLimitFields(verdict.quota));
      return { message: 'API key verified', result: presentVerdict(verdict, clock.now()) };
    }),
    route(verifyApiKeys, async ({ caller, body }) => {
      const verdicts = [];
      for (const check of body.checks)
        verdicts.push(presentVerdict(await ask(check, caller.workspaceId), clock.now()));
      return { message: `${verdicts.length} API keys verified`, result: { verdicts } };
    }),
  ];
}

import {
  explainApiKey,
  getApiKeyUsage,
  getWorkspaceUsage,
  listApiKeyRates,
  listApiKeyRefusals,
} from '@latchkey/contract';
import { getKeyUsage, listDenials } from '../../domain/keys/get-key-usage.ts';
import { getWorkspaceUsage as usageOfWorkspace } from '../../domain/keys/get-workspace-usage.ts';
import type { Key } from '../../domain/keys/key.ts';
import { listRates } from '../../domain/keys/list-rates.ts';
import { explainKey } from '../../domain/verification/explain-key.ts';
import { type Route, route } from '../pipeline/route.ts';
import type { Services } from '../pipeline/services.ts';
import { presentInstant } from '../present/key.ts';
import { presentRateLimit } from '../present/verdict.ts';

export function usageRoutes(services: Services): Route[] {
  return [
    route(getApiKeyUsage, async ({ caller, params, query, signal }) => {
      const points = await getKeyUsage(services.reading(signal), caller, params.id, query);
      const usage = points.map(({ startsAt, ...counts }) => ({ at: presentInstant(startsAt), ...counts }));
      return { message: 'Usage counted', result: { usage } };
    }),
    route(listApiKeyRefusals, async ({ caller, params, signal }) => {
      const kept = await listDenials(services.reading(signal), caller, params.id);
      const refusals = kept.map(({ at, missing, ...denial }) => ({
        at: presentInstant(at),
        missing: [...missing],
        ...denial,
      }));
      return { message: 'Refusals listed', result: { refusals } };
    }),
    route(listApiKeyRates, async ({ caller, body, signal }) => ({
      message: 'Recent verdicts counted',
      result: { rates: await listRates(services.reading(signal), caller, body.ids) },
    })),
    route(getWorkspaceUsage, async ({ caller, query, signal }) => {
      const { points, keys, denials } = await usageOfWorkspace(services.reading(signal), caller, query);
      const result = {
        usage: points.map(({ startsAt, ...counts }) => ({ at: presentInstant(startsAt), ...counts })),
        keys: keys.map(({ key, ...counts }) => ({ ...presentCountedKey(key), ...counts })),
        denials: denials.map(({ key, ...denial }) => ({ ...presentCountedKey(key), ...denial })),
      };
      return { message: 'Usage counted', result };
    }),
    route(explainApiKey, async ({ caller, params, query }) => {
      const { key, code, missing, quota, steps } = await explainKey(services, caller, params.id, query);
      const explanation = {
        valid: code === 'VALID',
        code,
        missing: [...missing],
        rateLimit: presentRateLimit(key, quota),
        steps: steps.map((step) => ({ ...step })),
      };
      return { message: 'API key explained', result: { explanation } };
    }),
  ];
}

function presentCountedKey({ id, hint, name, owner }: Key) {
  return { id, key: hint, name, userId: owner.id };
}

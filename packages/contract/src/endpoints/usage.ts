import { Type } from 'typebox';
import { Closed } from '../schemas/envelope.ts';
import { Id, InstantInput, OwnWorkspace } from '../schemas/primitives.ts';
import { Explanation, GranularitySchema, Refusal, UsagePoint } from '../schemas/usage.ts';
import { questionInQuery } from '../schemas/verdict.ts';
import { API_BASE, defineEndpoint } from './endpoint.ts';

const KEY = `${API_BASE}/api-keys/{id}`;
const tag = 'Usage' as const;
const params = Closed({ id: Id });

/** The most points one call answers: a day of minutes, two months of hours, four years of days. */
export const USAGE_POINTS_MAX = 1_500;

export const getApiKeyUsage = defineEndpoint({
  id: 'getApiKeyUsage',
  method: 'GET',
  path: `${KEY}/usage`,
  tag,
  summary: "Count a key's verdicts",
  description: `A point for each span, the earliest first, also where nothing happened; at most ${USAGE_POINTS_MAX}. Minutes are kept for 48 hours, hours for 90 days, days for ever. Counts follow a few seconds behind.`,
  access: { permission: 'api-keys:read' },
  params,
  query: Closed({
    from: Type.Optional(
      Type.String({
        ...InstantInput,
        description:
          'The first span is the one that this falls into. By default 60 minutes, 24 hours or 30 days before the end.',
      }),
    ),
    to: Type.Optional(
      Type.String({ ...InstantInput, description: 'The last span ends here or later. By default now.' }),
    ),
    granularity: Type.Optional(GranularitySchema),
    ...OwnWorkspace,
  }),
  status: 200,
  result: Type.Object({ usage: Type.Array(UsagePoint) }),
  errors: ['NOT_FOUND'],
});

/** How many refusals of a key are kept for each verdict code, and for how many days. */
export const REFUSALS_KEPT = 20;
export const REFUSALS_KEPT_DAYS = 7;

export const listApiKeyRefusals = defineEndpoint({
  id: 'listApiKeyRefusals',
  method: 'GET',
  path: `${KEY}/refusals`,
  tag,
  summary: 'List why a key was refused',
  description: `A sample, the latest first: the first refusal of each verdict code in a minute, of each code the last ${REFUSALS_KEPT}, for ${REFUSALS_KEPT_DAYS} days.`,
  access: { permission: 'api-keys:read' },
  params,
  query: Closed({ ...OwnWorkspace }),
  status: 200,
  result: Type.Object({ refusals: Type.Array(Refusal) }),
  errors: ['NOT_FOUND'],
});

export const explainApiKey = defineEndpoint({
  id: 'explainApiKey',
  method: 'GET',
  path: `${KEY}/explain`,
  tag,
  summary: 'Explain what a key would be answered',
  description:
    'The verdict that the present secret of the key would get now, and every step towards it. Takes no quota and counts as no use.',
  access: { permission: 'api-keys:read' },
  params,
  query: Closed({
    ...questionInQuery,
    ...OwnWorkspace,
  }),
  status: 200,
  result: Type.Object({ explanation: Explanation }),
  errors: ['NOT_FOUND'],
});

import { Type } from 'typebox';
import { Closed } from '../schemas/envelope.ts';
import { Id, InstantInput, OwnWorkspace } from '../schemas/primitives.ts';
import {
  Denial,
  Explanation,
  GranularitySchema,
  KeyDenials,
  KeyUsage,
  Rate,
  UsagePoint,
} from '../schemas/usage.ts';
import { questionInQuery } from '../schemas/verdict.ts';
import { API_BASE, defineEndpoint } from './endpoint.ts';
import { BULK_ITEMS_MAX } from './keys.ts';

const KEY = `${API_BASE}/api-keys/{id}`;
const tag = 'Usage' as const;
const params = Closed({ id: Id });

/** The most points in one response: a day of minutes, two months of hours, or four years of days. */
export const USAGE_POINTS_MAX = 1_500;

/** The number of points by default. */
export const USAGE_POINTS_DEFAULT = { minute: 60, hour: 24, day: 30 } as const;

const period = {
  from: Type.Optional(
    Type.String({
      ...InstantInput,
      description:
        'The first span is the one that contains this time. By default 60 minutes, 24 hours or 30 days before `to`.',
    }),
  ),
  to: Type.Optional(
    Type.String({
      ...InstantInput,
      description: 'The last span ends at or after this time. By default now.',
    }),
  ),
  granularity: Type.Optional(GranularitySchema),
};

export const getApiKeyUsage = defineEndpoint({
  id: 'getApiKeyUsage',
  method: 'GET',
  path: `${KEY}/usage`,
  tag,
  summary: "Count a key's verdicts",
  description: `One point per time span, earliest first, including spans without use; at most ${USAGE_POINTS_MAX} points. Minutes are kept for 48 hours, hours for 90 days, days permanently. Counts are updated within a few seconds.`,
  access: { permission: 'api-keys:read' },
  params,
  query: Closed({ ...period, ...OwnWorkspace }),
  status: 200,
  result: Type.Object({ usage: Type.Array(UsagePoint) }),
  errors: ['NOT_FOUND'],
});

/** The most keys in each list of a workspace's usage, and the default. */
export const TOP_KEYS_MAX = 100;
export const TOP_KEYS_DEFAULT = 10;

export const getWorkspaceUsage = defineEndpoint({
  id: 'getWorkspaceUsage',
  method: 'GET',
  path: `${API_BASE}/workspaces/usage`,
  tag,
  summary: 'Count the verdicts of all keys',
  description:
    "The verdicts of all keys of the workspace by time and code, the keys with the most verdicts, and the keys and codes with the most denials. Without `api-keys:manage-others`, only those of the caller's own keys. Revoked keys count too. Periods are as for one key.",
  access: { permission: 'api-keys:read' },
  query: Closed({
    ...period,
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: TOP_KEYS_MAX,
        default: TOP_KEYS_DEFAULT,
        description: 'The most entries of `keys` and of `denials`.',
      }),
    ),
    ...OwnWorkspace,
  }),
  status: 200,
  result: Type.Object({
    usage: Type.Array(UsagePoint),
    keys: Type.Array(KeyUsage, { description: 'The keys with the most verdicts, the most first.' }),
    denials: Type.Array(KeyDenials, {
      description: 'The most denials of a key with one code, the most first.',
    }),
  }),
  errors: [],
});

export const listApiKeyRates = defineEndpoint({
  id: 'listApiKeyRates',
  method: 'POST',
  path: `${API_BASE}/api-keys/rates`,
  tag,
  summary: 'Count the recent verdicts of many keys',
  description:
    'In the order of `ids`. Keys that do not exist or that the caller may not see are left out. Counts are updated within a few seconds. Changes nothing.',
  access: { permission: 'api-keys:read' },
  body: Closed({
    ids: Type.Array(Id, { minItems: 1, maxItems: BULK_ITEMS_MAX, uniqueItems: true }),
    ...OwnWorkspace,
  }),
  status: 200,
  result: Type.Object({ rates: Type.Array(Rate) }),
  errors: [],
});

/** How many denials of a key are stored for each verdict code, and for how many days. */
export const REFUSALS_KEPT = 20;
export const REFUSALS_KEPT_DAYS = 7;

export const listApiKeyRefusals = defineEndpoint({
  id: 'listApiKeyRefusals',
  method: 'GET',
  path: `${KEY}/refusals`,
  tag,
  summary: 'List why a key was denied',
  description: `A sample of denials, latest first: the first denial of each verdict code in a minute. The last ${REFUSALS_KEPT} of each code are kept, for ${REFUSALS_KEPT_DAYS} days.`,
  access: { permission: 'api-keys:read' },
  params,
  query: Closed({ ...OwnWorkspace }),
  status: 200,
  result: Type.Object({ refusals: Type.Array(Denial) }),
  errors: ['NOT_FOUND'],
});

export const explainApiKey = defineEndpoint({
  id: 'explainApiKey',
  method: 'GET',
  path: `${KEY}/explain`,
  tag,
  summary: 'Explain the verdict of a key',
  description:
    'The verdict that the current secret of the key would get now, and the result of every check. Takes no quota and does not count as use.',
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

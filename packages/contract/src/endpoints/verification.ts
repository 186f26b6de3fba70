import { Type } from 'typebox';
import { RateLimit } from '../schemas/api-key.ts';
import { Closed } from '../schemas/envelope.ts';
import { Nullable, OwnWorkspace, Timestamp } from '../schemas/primitives.ts';
import { CHECKS_MAX, Check, questionInQuery, Verdict } from '../schemas/verdict.ts';
import { API_BASE, defineEndpoint } from './endpoint.ts';

const tag = 'Verification' as const;

export const checkApiKey = defineEndpoint({
  id: 'checkApiKey',
  fastPath: true,
  method: 'GET',
  path: `${API_BASE}/api-keys/check`,
  tag,
  summary: 'Check the key that is the credential',
  description:
    'Takes `cost` from the quota of the key. 200 only if the key is valid and has all of `permissions`; on 403, `details` names the missing permissions.',
  access: { permission: null, credential: 'subject', because: 'the key asks about itself' },
  verifyKeys: true,
  query: Closed({ ...questionInQuery, ...OwnWorkspace }),
  status: 200,
  result: Type.Object({
    valid: Type.Literal(true),
    workspaceId: Type.String(),
    name: Type.String(),
    isActive: Type.Boolean(),
    expiresAt: Nullable(Timestamp),
    rateLimit: RateLimit,
  }),
  errors: ['RATE_LIMITED'],
});

export const verifyApiKey = defineEndpoint({
  id: 'verifyApiKey',
  fastPath: true,
  method: 'POST',
  path: `${API_BASE}/api-keys/verify`,
  tag,
  summary: 'Verify a key',
  description: 'The status is 200 for every verdict, also for a denied key. Only a valid key uses quota.',
  access: { permission: 'api-keys:read' },
  verifyKeys: true,
  body: Closed({ ...Check.properties, ...OwnWorkspace }),
  status: 200,
  result: Verdict,
  errors: [],
});

export const verifyApiKeys = defineEndpoint({
  id: 'verifyApiKeys',
  fastPath: true,
  method: 'POST',
  path: `${API_BASE}/api-keys/verify-many`,
  tag,
  summary: 'Verify many keys',
  description: 'One verdict per check, in the same order.',
  access: { permission: 'api-keys:read' },
  verifyKeys: true,
  bodyLimitBytes: 1024 * 1024,
  // Enough for 1,000 checks with 15 permissions each, or 190 checks with 100.
  bodyValuesMax: 20_000,
  body: Closed({ checks: Type.Array(Check, { minItems: 1, maxItems: CHECKS_MAX }), ...OwnWorkspace }),
  status: 200,
  result: Type.Object({ verdicts: Type.Array(Verdict) }),
  errors: [],
});

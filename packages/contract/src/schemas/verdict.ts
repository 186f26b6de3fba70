import { type Static, Type } from 'typebox';
import { PERMISSIONS_MAX } from '../permissions.ts';
import { VERDICT_CODES, type VerdictCode } from '../verdicts.ts';
import { ApiKey, PermissionSchema } from './api-key.ts';
import { Closed } from './envelope.ts';
import { Nullable, REQUESTS_PER_MINUTE_MAX } from './primitives.ts';

/** The most checks in one `verify-many` call. */
export const CHECKS_MAX = 1_000;

const Cost = Type.Integer({
  minimum: 0,
  maximum: REQUESTS_PER_MINUTE_MAX,
  default: 1,
  description: 'The quota that a valid verdict uses; 0 checks without using any.',
});

/** The question about a key as query parameters. `parsePermissions` on the server checks the names against the catalogue. */
export const questionInQuery = {
  permissions: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 6_000,
      description: 'The key must have all of these permissions; separated by commas.',
      examples: ['calls:read,calls:write'],
    }),
  ),
  cost: Type.Optional(Cost),
};

export const Check = Closed(
  {
    key: Type.String({ minLength: 1, maxLength: 512, description: 'The whole text of the key to verify.' }),
    permissions: Type.Optional(
      Type.Array(PermissionSchema, {
        maxItems: PERMISSIONS_MAX,
        description: 'The key must have all of these permissions.',
      }),
    ),
    cost: Type.Optional(Cost),
    ip: Type.Optional(
      Type.String({
        // Each alternative repeats the type, because client generators do not combine it with the outer schema.
        anyOf: [
          { type: 'string', format: 'ipv4' },
          { type: 'string', format: 'ipv6' },
        ],
        description: 'The IP address of the client that presented the key, for address rules.',
      }),
    ),
  },
  { title: 'Check' },
);

const Remaining = Nullable(Type.Integer({ minimum: 0 }));

/** The limits that apply and the remaining quota after this verdict; null: no such limit. */
export const RateLimitState = Type.Object(
  {
    requestsPerMinute: Nullable(Type.Integer()),
    requestsPerDay: Nullable(Type.Integer()),
    remainingThisMinute: Remaining,
    remainingToday: Remaining,
    retryAfterSeconds: Nullable(
      Type.Integer({
        minimum: 1,
        description: 'On RATE_LIMITED: the seconds until the same check can succeed.',
      }),
    ),
  },
  { title: 'RateLimitState' },
);

export const VerdictCodeSchema = Type.Unsafe<VerdictCode>({ type: 'string', enum: [...VERDICT_CODES] });

export const Verdict = Type.Object(
  {
    valid: Type.Boolean(),
    code: VerdictCodeSchema,
    apiKey: Type.Optional(ApiKey),
    missing: Type.Optional(
      Type.Array(PermissionSchema, {
        description: 'On PERMISSION_DENIED: the requested permissions that the key lacks.',
      }),
    ),
    rateLimit: RateLimitState,
  },
  { title: 'Verdict' },
);

export type CheckBody = Static<typeof Check>;
export type VerdictBody = Static<typeof Verdict>;

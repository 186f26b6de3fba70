import { type Static, Type } from 'typebox';
import { PERMISSIONS_MAX } from '../permissions.ts';
import { VERDICT_CODES, type VerdictCode } from '../verdicts.ts';
import { ApiKey, PermissionSchema } from './api-key.ts';
import { Closed } from './envelope.ts';
import { Nullable, REQUESTS_PER_MINUTE_MAX } from './primitives.ts';

/** The most checks one `verify-many` call can ask. */
export const CHECKS_MAX = 1_000;

const Cost = Type.Integer({
  minimum: 0,
  maximum: REQUESTS_PER_MINUTE_MAX,
  default: 1,
  description: 'How much quota a positive answer takes; 0 asks without taking any.',
});

/** What a query asks of a key. The names are checked against the catalogue by `parsePermissions` on the server. */
export const questionInQuery = {
  permissions: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 6_000,
      description: 'All of these must be held; separated by commas.',
      examples: ['calls:read,calls:write'],
    }),
  ),
  cost: Type.Optional(Cost),
};

export const Check = Closed(
  {
    key: Type.String({ minLength: 1, maxLength: 512, description: 'The whole text of the key in question.' }),
    permissions: Type.Optional(
      Type.Array(PermissionSchema, { maxItems: PERMISSIONS_MAX, description: 'All of these must be held.' }),
    ),
    cost: Type.Optional(Cost),
    ip: Type.Optional(
      Type.String({
        // Each with its type: generators look no further than the alternatives.
        anyOf: [
          { type: 'string', format: 'ipv4' },
          { type: 'string', format: 'ipv6' },
        ],
        description: 'The address of the client that presented the key, for address rules.',
      }),
    ),
  },
  { title: 'Check' },
);

const Remaining = Nullable(Type.Integer({ minimum: 0 }));

/** The limits that apply and what is left of them after this answer; null: no such limit. */
export const RateLimitState = Type.Object(
  {
    requestsPerMinute: Nullable(Type.Integer()),
    requestsPerDay: Nullable(Type.Integer()),
    remainingThisMinute: Remaining,
    remainingToday: Remaining,
    retryAfterSeconds: Nullable(
      Type.Integer({ minimum: 1, description: 'On RATE_LIMITED: when the same question can succeed.' }),
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
      Type.Array(PermissionSchema, { description: 'On PERMISSION_DENIED: what the key lacks.' }),
    ),
    rateLimit: RateLimitState,
  },
  { title: 'Verdict' },
);

export type CheckBody = Static<typeof Check>;
export type VerdictBody = Static<typeof Verdict>;

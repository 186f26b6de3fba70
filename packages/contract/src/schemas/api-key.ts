import { type Static, Type } from 'typebox';
import { PERMISSIONS, type Permission } from '../permissions.ts';
import { Closed } from './envelope.ts';
import {
  CallerKindSchema,
  Id,
  Nullable,
  REQUESTS_PER_DAY_MAX,
  REQUESTS_PER_MINUTE_MAX,
  Timestamp,
} from './primitives.ts';

/** `inCatalogue` finds permission schemas by this title. */
export const PERMISSION_TITLE = 'Permission';

export const PermissionSchema = Type.Unsafe<Permission>({
  title: PERMISSION_TITLE,
  type: 'string',
  enum: [...PERMISSIONS],
});

const perMinute = {
  minimum: 1,
  maximum: REQUESTS_PER_MINUTE_MAX,
  description: 'In any 60 seconds; null: no limit.',
};
const perDay = {
  minimum: 1,
  maximum: REQUESTS_PER_DAY_MAX,
  description: 'In a UTC calendar day; null: no limit.',
};

export const RateLimit = Type.Object(
  {
    requestsPerMinute: Nullable(Type.Integer(perMinute)),
    requestsPerDay: Nullable(Type.Integer(perDay)),
  },
  { title: 'RateLimit' },
);

/** Rate limits in a request body: a limit that is left out keeps its default or its current value. */
export const RateLimitInput = Closed({
  requestsPerMinute: Type.Optional(Nullable(Type.Integer(perMinute))),
  requestsPerDay: Type.Optional(Nullable(Type.Integer(perDay))),
});

export const KEY_STATUSES = ['active', 'disabled', 'expired', 'revoked'] as const;
export type KeyStatus = (typeof KEY_STATUSES)[number];

/** What a key is for: calls of an API, or only the verification of other keys of its workspace. */
export const KEY_USES = ['api', 'verify'] as const;
export type KeyUse = (typeof KEY_USES)[number];

export const KeyUseSchema = Type.Unsafe<KeyUse>({
  type: 'string',
  enum: [...KEY_USES],
  default: 'api',
  description:
    '`verify`: the key has no permissions, and may only verify keys of its workspace (verify, verify-many, forward-auth) and ask about itself (check, me). Give such a key to servers and gateways that verify keys.',
});

export const KeyStatusSchema = Type.Unsafe<KeyStatus>({ type: 'string', enum: [...KEY_STATUSES] });

export const CreatedBy = Type.Object(
  {
    kind: CallerKindSchema,
    userId: Type.String(),
    keyId: Nullable(
      Type.String({
        description: 'The key that was the credential, or whose sign-in link opened the session.',
      }),
    ),
  },
  { description: 'The credential that created the key.' },
);

/** A secret of a key that works. */
export const KeySecret = Type.Object(
  {
    hint: Nullable(Type.String({ description: 'Prefix, `…`, last four characters; null: not recorded.' })),
    createdAt: Timestamp,
    endsAt: Nullable(
      Type.String({
        ...Timestamp,
        description: 'When the old secret ends; null for the present one, which ends with the key.',
      }),
    ),
    lastUsedAt: Nullable(
      Type.String({
        ...Timestamp,
        description: 'Null: never, or not recorded, since the key was rotated before this was counted.',
      }),
    ),
    share: Nullable(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description:
          'The part of the allowed verdicts of the key that had this secret, in the last hour and since the minute after the rotation; null: there were none. Counts are updated within a few seconds.',
      }),
    ),
  },
  { title: 'KeySecret' },
);

export const ApiKey = Type.Object(
  {
    id: Id,
    key: Type.String({
      description:
        'The whole secret in the response to create and rotate; everywhere else a hint (prefix, `…`, last four characters).',
      examples: ['lk_live_…q3Xa'],
    }),
    workspaceId: Id,
    userId: Type.String({ description: 'The owner of the key.' }),
    name: Type.String(),
    isActive: Type.Boolean({
      description:
        'False if the key was disabled. Independent of expiry: an expired key can still have `true`.',
    }),
    createdAt: Timestamp,
    lastUsedAt: Nullable(Timestamp),
    expiresAt: Nullable(Timestamp),
    rateLimit: RateLimit,
    permissions: Type.Array(PermissionSchema, {
      description:
        'The frozen set, in catalogue order. In a verdict: the permissions in effect now, which are fewer if the workspace is `capped` and the owner holds fewer.',
    }),
    creator: Type.Object({
      id: Type.String(),
      email: Type.String({ format: 'email' }),
      displayName: Type.String(),
    }),
    createdBy: CreatedBy,
    revokedAt: Nullable(Timestamp),
    revokedReason: Nullable(Type.String()),
    status: KeyStatusSchema,
    use: KeyUseSchema,
  },
  { title: 'ApiKey' },
);

/** A key with its secrets. */
export const ApiKeyWithSecrets = Type.Object(
  {
    ...ApiKey.properties,
    secrets: Type.Optional(
      Type.Array(KeySecret, {
        description:
          'The secrets that work, the present one first: two during the overlap of a rotation, none if the key is revoked.',
      }),
    ),
  },
  { title: 'ApiKeyWithSecrets' },
);

export type KeySecretBody = Static<typeof KeySecret>;

export type ApiKeyBody = Static<typeof ApiKey>;

/** As `getApiKey` returns it. */
export type ApiKeyWithSecretsBody = Static<typeof ApiKeyWithSecrets>;

export type RateLimitBody = Static<typeof RateLimit>;

import { Type } from 'typebox';
import { PERMISSIONS_MAX } from '../permissions.ts';
import {
  ApiKey,
  CreatedBy,
  KeyStatusSchema,
  PermissionSchema,
  RateLimit,
  RateLimitInput,
} from '../schemas/api-key.ts';
import { EndedList } from '../schemas/ended.ts';
import { Closed, ErrorDetailSchema } from '../schemas/envelope.ts';
import { Force } from '../schemas/force.ts';
import { PageQuery, Pagination, SortOrderSchema } from '../schemas/page.ts';
import { Id, InstantInput, Name, Nullable, OwnWorkspace, Timestamp } from '../schemas/primitives.ts';
import { questionInQuery } from '../schemas/verdict.ts';
import { API_BASE, defineEndpoint } from './endpoint.ts';

const KEYS = `${API_BASE}/api-keys`;
const tag = 'API keys' as const;

const KeyParams = Closed({ id: Id });
const KeyResult = Type.Object({ apiKey: ApiKey });

const Secret = Type.String({ description: 'The whole secret. It is shown in this answer only.' });

const ItemError = Type.Object(
  {
    id: Type.String(),
    error: Type.String({ description: 'For people.' }),
    code: Type.String({ description: 'An error code, the thing to branch on.' }),
    details: Type.Array(ErrorDetailSchema),
  },
  { title: 'ItemError' },
);

const changes = {
  name: Type.Optional(Name),
  isActive: Type.Optional(Type.Boolean()),
  expiresAt: Type.Optional(Nullable(InstantInput)),
  rateLimit: Type.Optional(Nullable(RateLimitInput)),
};

const RevokeReason = Type.String({
  minLength: 1,
  description:
    'Kept with the key, at most 200 characters. `COMPROMISED`, in any case, ends everything that derives from the key, also keys of other users and members whom it invited.',
});

const revocation = {
  reason: Type.Optional(RevokeReason),
  cascade: Type.Optional(
    Type.Boolean({
      default: false,
      description:
        'Also end the keys, secrets and members that derive from the key, each where the caller may end it by itself.',
    }),
  ),
  ...Force,
};

const EffectiveBy = Type.Unsafe<string>({
  ...Timestamp,
  description: 'From this instant no instance accepts the key any more.',
});

/** The most keys one bulk call can change. */
export const BULK_ITEMS_MAX = 200;

export const KEY_SORTS = ['createdAt', 'name', 'lastUsedAt', 'expiresAt'] as const;

export const createApiKey = defineEndpoint({
  id: 'createApiKey',
  method: 'POST',
  path: KEYS,
  tag,
  summary: 'Create API key',
  description:
    'Permissions left out: all that the caller and the owner both hold. `[]`: none. More than that: 403 that names the extras. Made with a key, the new key never outlives or outpaces it.',
  access: { permission: 'api-keys:write' },
  idempotent: true,
  body: Closed({
    name: Name,
    userId: Type.String({ minLength: 1, maxLength: 64, description: 'User ID creating the key: its owner.' }),
    expiresAt: Type.Optional(Nullable(InstantInput)),
    rateLimit: Type.Optional(Nullable(RateLimitInput)),
    permissions: Type.Optional(
      Type.Array(PermissionSchema, {
        maxItems: PERMISSIONS_MAX,
        description:
          "Frozen subset of the creator's permissions. Defaults to the creator's full set when omitted.",
      }),
    ),
    ...OwnWorkspace,
  }),
  status: 201,
  result: Type.Object({ apiKey: ApiKey, key: Type.Optional(Secret) }),
  errors: [
    'USER_NOT_FOUND',
    'EXPIRES_IN_PAST',
    'LIMIT_REACHED',
    'PERMISSION_ESCALATION',
    'LIMIT_ESCALATION',
    'STORAGE_FULL',
  ],
});

export const listApiKeys = defineEndpoint({
  id: 'listApiKeys',
  method: 'GET',
  path: KEYS,
  tag,
  summary: 'List API keys',
  description:
    "The caller's own keys; with `api-keys:manage-others` all of the workspace. Revoked keys only with `status=revoked`. Sorted by `lastUsedAt`, a key that is used while you read the pages moves, and can be on two pages or on none; `createdAt` with any use, and `name` and `expiresAt` without a change of them, stay.",
  access: { permission: 'api-keys:read' },
  query: Closed({
    userId: Type.Optional(Id),
    status: Type.Optional(KeyStatusSchema),
    search: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description:
          'Part of the name, without regard to case and accents (`ss` finds `ß`), a whole key id, the hint that `key` shows in lists, or the last four characters of the key.',
      }),
    ),
    permission: Type.Optional(PermissionSchema),
    expiresBefore: Type.Optional(InstantInput),
    unusedSince: Type.Optional(InstantInput),
    exceedsOwner: Type.Optional(
      Type.Boolean({
        description: "Only keys that hold more than their owner's role gives now; `false`: only the others.",
      }),
    ),
    sortBy: Type.Optional(
      Type.Unsafe<(typeof KEY_SORTS)[number]>({ type: 'string', enum: [...KEY_SORTS], default: 'createdAt' }),
    ),
    sortOrder: Type.Optional(SortOrderSchema),
    ...PageQuery,
    ...OwnWorkspace,
  }),
  status: 200,
  result: Type.Object({ apiKeys: Type.Array(ApiKey), pagination: Pagination }),
  errors: [],
});

export const updateApiKeys = defineEndpoint({
  id: 'updateApiKeys',
  method: 'PUT',
  path: KEYS,
  tag,
  summary: 'Update many API keys',
  description:
    'Each item by itself: left out is unchanged, null is cleared. Some items may fail while others succeed.',
  access: { permission: 'api-keys:write' },
  // 200 items with every field, and a name of 100 characters of which each is written as two escapes.
  bodyLimitBytes: 320 * 1024,
  body: Closed({
    apiKeys: Type.Array(Closed({ id: Id, ...changes }), { minItems: 1, maxItems: BULK_ITEMS_MAX }),
    ...Force,
    ...OwnWorkspace,
  }),
  status: 200,
  result: Type.Object({ updated: Type.Array(ApiKey), errors: Type.Array(ItemError) }),
  errors: ['STORAGE_FULL'],
});

export const deleteApiKeys = defineEndpoint({
  id: 'deleteApiKeys',
  method: 'DELETE',
  path: KEYS,
  tag,
  summary: 'Revoke many API keys',
  access: { permission: 'api-keys:delete' },
  body: Closed({
    ids: Type.Array(Id, { minItems: 1, maxItems: BULK_ITEMS_MAX }),
    ...revocation,
    ...OwnWorkspace,
  }),
  status: 200,
  result: Type.Object({
    deleted: Type.Array(Type.String()),
    errors: Type.Array(ItemError),
    effectiveBy: EffectiveBy,
    ended: EndedList,
  }),
  errors: ['STORAGE_FULL'],
});

export const checkApiKey = defineEndpoint({
  id: 'checkApiKey',
  method: 'GET',
  path: `${KEYS}/check`,
  tag: 'Verification',
  summary: 'Check the key that is the credential',
  description:
    "Takes `cost` from the key's limits. 200 only when the key is valid and holds all of `permissions`; 403 names in `details` what it does not hold.",
  access: { permission: null, credential: 'subject', because: 'the key asks about itself' },
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

export const getApiKey = defineEndpoint({
  id: 'getApiKey',
  method: 'GET',
  path: `${KEYS}/{id}`,
  tag,
  summary: 'Get an API key',
  access: { permission: 'api-keys:read' },
  versioned: true,
  params: KeyParams,
  status: 200,
  result: KeyResult,
  errors: ['NOT_FOUND'],
});

export const getApiKeyProvenance = defineEndpoint({
  id: 'getApiKeyProvenance',
  method: 'GET',
  path: `${KEYS}/{id}/provenance`,
  tag,
  summary: 'Get where a key comes from',
  description: 'Who made it, what its owner held then and holds now, and what the key holds beyond that.',
  access: { permission: 'api-keys:read' },
  params: KeyParams,
  status: 200,
  result: Type.Object({
    provenance: Type.Object(
      {
        createdAt: Timestamp,
        createdBy: CreatedBy,
        ownerHeld: Type.Array(PermissionSchema, {
          description: 'What the owner held when the key was made.',
        }),
        ownerHoldsNow: Type.Array(PermissionSchema, {
          description: "What the owner's role gives now; nothing where they are no member any more.",
        }),
        exceeding: Type.Array(PermissionSchema, { description: 'What the key holds beyond that.' }),
      },
      { title: 'Provenance' },
    ),
  }),
  errors: ['NOT_FOUND'],
});

export const updateApiKey = defineEndpoint({
  id: 'updateApiKey',
  method: 'PATCH',
  path: `${KEYS}/{id}`,
  tag,
  summary: 'Update an API key',
  description: 'Left out is unchanged, null is cleared. Permissions are frozen and cannot be changed.',
  access: { permission: 'api-keys:write' },
  versioned: true,
  params: KeyParams,
  body: Closed({ ...changes, ...Force, ...OwnWorkspace }),
  status: 200,
  result: KeyResult,
  errors: [
    'NOT_FOUND',
    'CONFLICT',
    'LAST_MANAGING_KEY',
    'EXPIRES_IN_PAST',
    'PERMISSION_ESCALATION',
    'LIMIT_ESCALATION',
    'STORAGE_FULL',
  ],
});

export const deleteApiKey = defineEndpoint({
  id: 'deleteApiKey',
  method: 'DELETE',
  path: `${KEYS}/{id}`,
  tag,
  summary: 'Revoke an API key',
  description:
    'For ever. Sessions, sign-in links and open invitations that the key made end with it. Repeating the call changes nothing.',
  access: {
    permission: null,
    credential: 'any',
    because:
      'the holder of a key may always revoke that key; for any other the verb asks for api-keys:delete',
  },
  params: KeyParams,
  body: Closed({ ...revocation, ...OwnWorkspace }),
  bodyOptional: true,
  status: 200,
  result: Type.Object({
    apiKey: ApiKey,
    effectiveBy: EffectiveBy,
    livingDescendants: Type.Integer({
      minimum: 0,
      description: 'Keys that derive from this key and are not revoked. `cascade` revokes them too.',
    }),
    ended: EndedList,
  }),
  errors: ['NOT_FOUND', 'LAST_MANAGING_KEY', 'STORAGE_FULL'],
});

/** Seconds: the longest and the usual time for which the old secret works beside the new one. */
export const OVERLAP_SECONDS_MAX = 604_800;
export const OVERLAP_SECONDS_DEFAULT = 86_400;

export const rotateApiKey = defineEndpoint({
  id: 'rotateApiKey',
  method: 'POST',
  path: `${KEYS}/{id}/rotate`,
  tag,
  summary: 'Rotate an API key',
  description:
    'A new secret under the same id. The old one works for `overlapSeconds` more, never past its own end; 0 ends it at once. The sessions, sign-in links and open invitations that it made end with it.',
  access: { permission: 'api-keys:write' },
  idempotent: true,
  params: KeyParams,
  body: Closed({
    overlapSeconds: Type.Optional(
      Type.Integer({ minimum: 0, maximum: OVERLAP_SECONDS_MAX, default: OVERLAP_SECONDS_DEFAULT }),
    ),
    cascade: Type.Optional(
      Type.Boolean({
        default: false,
        description:
          'Only with an overlap of 0: also end the keys, secrets and members that derive from the old secret, each where the caller may end it by itself.',
      }),
    ),
    ...Force,
    ...OwnWorkspace,
  }),
  bodyOptional: true,
  status: 200,
  result: Type.Object({ apiKey: ApiKey, key: Type.Optional(Secret), ended: EndedList }),
  errors: [
    'NOT_FOUND',
    'CONFLICT',
    'LAST_MANAGING_KEY',
    'PERMISSION_ESCALATION',
    'LIMIT_ESCALATION',
    'STORAGE_FULL',
  ],
});

import { Type } from 'typebox';
import { PERMISSIONS_MAX } from '../permissions.ts';
import { Affected } from '../schemas/affected.ts';
import {
  ApiKey,
  ApiKeyWithSecrets,
  CreatedBy,
  KeyStatusSchema,
  KeyUseSchema,
  PermissionSchema,
  RateLimitInput,
} from '../schemas/api-key.ts';
import { EndedList } from '../schemas/ended.ts';
import { Closed, ErrorDetailSchema } from '../schemas/envelope.ts';
import { PageQuery, Pagination, SortOrderSchema } from '../schemas/page.ts';
import {
  DryRun,
  Effect,
  Force,
  Id,
  InstantInput,
  Name,
  Nullable,
  OwnWorkspace,
  Timestamp,
  Wait,
} from '../schemas/primitives.ts';
import { API_BASE, defineEndpoint } from './endpoint.ts';

const KEYS = `${API_BASE}/api-keys`;
const tag = 'API keys' as const;

const KeyParams = Closed({ id: Id });

const Secret = Type.String({ description: 'The whole secret. It is shown only in this response.' });

const ItemError = Type.Object(
  {
    id: Type.String(),
    error: Type.String({ description: 'For people.' }),
    code: Type.String({ description: 'An error code. Branch on this field.' }),
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
    'Stored with the key; at most 200 characters. `COMPROMISED` (not case-sensitive) revokes everything that derives from the key, including keys of other users and members whom it invited.',
});

const revocation = {
  reason: Type.Optional(RevokeReason),
  cascade: Type.Optional(
    Type.Boolean({
      default: false,
      description:
        'Also revoke the keys and secrets and suspend the members that derive from the key, each if the caller could do so with a separate call.',
    }),
  ),
  ...Force,
};

/** The most keys that one bulk call can change. */
export const BULK_ITEMS_MAX = 200;

export const KEY_SORTS = ['createdAt', 'name', 'lastUsedAt', 'expiresAt'] as const;

export const createApiKey = defineEndpoint({
  id: 'createApiKey',
  method: 'POST',
  path: KEYS,
  tag,
  summary: 'Create API key',
  description:
    'Without `permissions`, the key gets all permissions that the caller and the owner both hold; `[]` gives it none. For permissions beyond that, the response is 403 and names them. A key that is created with a key never expires later, and never has higher limits. A key with `use: "verify"` has no permissions; to create it, the caller and the owner need `api-keys:read`, and `permissions` must be left out.',
  access: { permission: 'api-keys:write' },
  idempotent: true,
  body: Closed({
    name: Name,
    userId: Type.String({ minLength: 1, maxLength: 64, description: 'The user id of the owner of the key.' }),
    expiresAt: Type.Optional(Nullable(InstantInput)),
    rateLimit: Type.Optional(Nullable(RateLimitInput)),
    permissions: Type.Optional(
      Type.Array(PermissionSchema, {
        maxItems: PERMISSIONS_MAX,
        description:
          "Frozen subset of the creator's permissions. Defaults to the creator's full set when omitted.",
      }),
    ),
    use: Type.Optional(KeyUseSchema),
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
    "The caller's own keys; with `api-keys:manage-others`, all keys of the workspace. Revoked keys are listed only with `status=revoked`. Sorted by `lastUsedAt`, a key that was never used counts as used before all others, so in descending order it comes last; sorted by `expiresAt`, a key that never expires counts as expiring after all others. In a list sorted by `lastUsedAt`, a key that is used while you read the pages moves, so it can appear on two pages or on none. The order by `createdAt` never changes; the order by `name` or `expiresAt` changes only when a key is updated.",
  access: { permission: 'api-keys:read' },
  query: Closed({
    userId: Type.Optional(Id),
    status: Type.Optional(KeyStatusSchema),
    search: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description:
          'Part of the name (case and accents are ignored; `ss` finds `ß`), a whole key id, the hint that `key` shows in lists, or the last four characters of the key; hint and characters of the secret before the last rotation are found too.',
      }),
    ),
    permission: Type.Optional(PermissionSchema),
    createdByKeyId: Type.Optional(
      Type.Unsafe<string>({
        ...Id,
        description: 'Only keys that were created with this key, or in a session that its link opened.',
      }),
    ),
    expiresBefore: Type.Optional(InstantInput),
    unusedSince: Type.Optional(InstantInput),
    exceedsOwner: Type.Optional(
      Type.Boolean({
        description:
          '`true`: only keys with permissions that the role of their owner does not have now; `false`: only the other keys.',
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
    'Each item is a separate change. A field that is left out is unchanged; null clears it. Some items may fail while others succeed.',
  access: { permission: 'api-keys:write' },
  // Enough for 200 items with every field and a name of 100 characters, each written as two escapes.
  bodyLimitBytes: 320 * 1024,
  body: Closed({
    apiKeys: Type.Array(Closed({ id: Id, ...changes }), { minItems: 1, maxItems: BULK_ITEMS_MAX }),
    ...Force,
    ...OwnWorkspace,
  }),
  query: Closed({ ...DryRun, ...Wait, ...OwnWorkspace }),
  status: 200,
  result: Type.Object({
    updated: Type.Array(ApiKey),
    errors: Type.Array(ItemError),
    ...Effect,
  }),
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
  query: Closed({ ...DryRun, ...Wait, ...OwnWorkspace }),
  status: 200,
  result: Type.Object({
    deleted: Type.Array(Type.String()),
    errors: Type.Array(ItemError),
    ...Effect,
    ended: EndedList,
    affected: Type.Optional(Affected),
  }),
  errors: ['STORAGE_FULL'],
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
  result: Type.Object({ apiKey: ApiKeyWithSecrets }),
  errors: ['NOT_FOUND'],
});

export const getApiKeyProvenance = defineEndpoint({
  id: 'getApiKeyProvenance',
  method: 'GET',
  path: `${KEYS}/{id}/provenance`,
  tag,
  summary: 'Get the provenance of a key',
  description:
    'Who created the key, which permissions its owner held then and holds now, and which permissions of the key its owner does not hold now.',
  access: { permission: 'api-keys:read' },
  params: KeyParams,
  status: 200,
  result: Type.Object({
    provenance: Type.Object(
      {
        createdAt: Timestamp,
        createdBy: CreatedBy,
        ownerHeld: Type.Array(PermissionSchema, {
          description: 'The permissions of the owner when the key was created.',
        }),
        ownerHoldsNow: Type.Array(PermissionSchema, {
          description: "The permissions of the owner's role now; empty if the owner is no longer a member.",
        }),
        exceeding: Type.Array(PermissionSchema, {
          description: 'Permissions of the key that are not in `ownerHoldsNow`.',
        }),
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
  description:
    'A field that is left out is unchanged; null clears it. Permissions are frozen and cannot be changed.',
  access: { permission: 'api-keys:write' },
  versioned: true,
  params: KeyParams,
  query: Closed({ ...Wait, ...OwnWorkspace }),
  body: Closed({ ...changes, ...Force, ...OwnWorkspace }),
  status: 200,
  result: Type.Object({ apiKey: ApiKey, ...Effect }),
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
    'Permanent. Sessions, sign-in links and pending invitations that the key created end too. Repeating the call changes nothing.',
  access: {
    permission: null,
    credential: 'any',
    because:
      'the holder of a key may always revoke that key; to revoke any other key, the caller needs api-keys:delete',
  },
  params: KeyParams,
  query: Closed({ ...DryRun, ...Wait, ...OwnWorkspace }),
  body: Closed({ ...revocation, ...OwnWorkspace }),
  bodyOptional: true,
  status: 200,
  result: Type.Object({
    apiKey: ApiKey,
    ...Effect,
    livingDescendants: Type.Integer({
      minimum: 0,
      description:
        'The number of keys that derive from this key and are not revoked. `cascade` revokes them too.',
    }),
    ended: EndedList,
    affected: Type.Optional(Affected),
  }),
  errors: ['NOT_FOUND', 'LAST_MANAGING_KEY', 'STORAGE_FULL'],
});

/** In seconds: the longest and the default time for which the old secret still works after a rotation. */
export const OVERLAP_SECONDS_MAX = 604_800;
export const OVERLAP_SECONDS_DEFAULT = 86_400;

export const rotateApiKey = defineEndpoint({
  id: 'rotateApiKey',
  method: 'POST',
  path: `${KEYS}/{id}/rotate`,
  tag,
  summary: 'Rotate an API key',
  description:
    'Gives the key a new secret under the same id. The old secret works for another `overlapSeconds`, but never past its own expiry; 0 ends it at once. The sessions, sign-in links and pending invitations that the old secret created end when it does.',
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
          'Only with `overlapSeconds` 0: also revoke the keys and secrets and suspend the members that derive from the old secret, each if the caller could do so with a separate call.',
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

export const endOldSecret = defineEndpoint({
  id: 'endOldSecret',
  method: 'DELETE',
  path: `${KEYS}/{id}/secrets/old`,
  tag,
  summary: 'End the old secret of a key',
  description:
    'Ends the secret that the last rotation replaced before its overlap is over. The sessions, sign-in links and pending invitations that it created end too. The present secret keeps working. Repeating the call changes nothing.',
  access: { permission: 'api-keys:write' },
  params: KeyParams,
  query: Closed({ ...Wait, ...OwnWorkspace }),
  status: 200,
  result: Type.Object({ apiKey: ApiKey, ...Effect, ended: EndedList }),
  errors: ['NOT_FOUND', 'STORAGE_FULL'],
});

import { type Static, Type } from 'typebox';
import { PermissionSchema } from '../schemas/api-key.ts';
import { Closed } from '../schemas/envelope.ts';
import { Grantable } from '../schemas/grantable.ts';
import { CallerKindSchema, Id, OwnWorkspace } from '../schemas/primitives.ts';
import { Instance, System } from '../schemas/system.ts';
import { API_BASE, defineEndpoint } from './endpoint.ts';

/** The caller, as `GET /me` returns it. */
export const Caller = Type.Object({
  kind: CallerKindSchema,
  userId: Type.String(),
  workspaceId: Type.String(),
  permissions: Type.Array(PermissionSchema),
  keyId: Type.Optional(Type.String({ description: 'Only if the credential is a key.' })),
  use: Type.Optional(
    Type.Literal('verify', { description: 'Only if the credential is a key for verification.' }),
  ),
});

export type CallerBody = Static<typeof Caller>;

export const listPermissions = defineEndpoint({
  id: 'listPermissions',
  method: 'GET',
  path: `${API_BASE}/permissions`,
  tag: 'Permissions',
  summary: 'List the permission catalogue',
  access: { permission: null, credential: 'any', because: 'every member may read the catalogue' },
  status: 200,
  result: Type.Object({
    permissions: Type.Array(
      Type.Object({
        id: PermissionSchema,
        resource: Type.String(),
        action: Type.String(),
        title: Type.String({ examples: ['Phone numbers: import'] }),
      }),
    ),
  }),
  errors: [],
});

export const listGrantablePermissions = defineEndpoint({
  id: 'listGrantablePermissions',
  method: 'GET',
  path: `${API_BASE}/permissions/grantable`,
  tag: 'Permissions',
  summary: 'List the permissions that a new key can have',
  description:
    'The whole catalogue, each permission with the reason if the caller cannot give it to a key of this owner. `POST /api-keys` decides in the same way. For another user, the call also needs `api-keys:manage-others`.',
  access: { permission: 'api-keys:write' },
  query: Closed({
    userId: Type.Optional(
      Type.Unsafe<string>({ ...Id, description: 'The owner of the new key; the caller by default.' }),
    ),
    ...OwnWorkspace,
  }),
  status: 200,
  result: Type.Object({ grantable: Grantable }),
  errors: ['USER_NOT_FOUND'],
});

export const getMe = defineEndpoint({
  id: 'getMe',
  method: 'GET',
  path: `${API_BASE}/me`,
  tag: 'Permissions',
  summary: 'Get the caller of this request',
  access: { permission: null, credential: 'any', because: 'every caller may read its own identity' },
  verifyKeys: true,
  status: 200,
  result: Type.Object({ caller: Caller }),
  errors: [],
});

export const getSystem = defineEndpoint({
  id: 'getSystem',
  method: 'GET',
  path: `${API_BASE}/system`,
  tag: 'Health',
  summary: 'Get the state of the service',
  description:
    'Whether keys can be looked up and changes can be committed, and the running instances. An answer takes at most a second.',
  access: { permission: 'workspace:read' },
  status: 200,
  result: Type.Object({ system: System }),
  errors: [],
});

export const listInstances = defineEndpoint({
  id: 'listInstances',
  method: 'GET',
  path: `${API_BASE}/system/instances`,
  tag: 'Health',
  summary: 'List the running instances',
  description:
    'All processes of the service over its database, the oldest first, each as it was at its last heartbeat. One that was killed is listed until shortly after its lease has ended.',
  access: { permission: 'workspace:read' },
  status: 200,
  result: Type.Object({ instances: Type.Array(Instance) }),
  errors: [],
});

const Health = Type.Object({ status: Type.String({ examples: ['live', 'ready'] }) });

export const getLiveness = defineEndpoint({
  id: 'getLiveness',
  method: 'GET',
  path: '/health/live',
  tag: 'Health',
  summary: 'Is the process alive?',
  access: { permission: null, credential: 'none', because: 'probes carry no credential' },
  status: 200,
  result: Type.Object({ health: Health }),
  errors: [],
});

export const getReadiness = defineEndpoint({
  id: 'getReadiness',
  method: 'GET',
  path: '/health/ready',
  tag: 'Health',
  summary: 'Can the service answer?',
  description:
    '200 if the service can verify any key, in memory or not; 503 while it starts, stops, or cannot look up keys. With `for=changes`, also 503 while it cannot commit changes.',
  access: { permission: null, credential: 'none', because: 'probes carry no credential' },
  query: Closed({
    for: Type.Optional(
      Type.Unsafe<'changes'>({
        type: 'string',
        enum: ['changes'],
        description: 'Also check that changes can be committed.',
      }),
    ),
  }),
  status: 200,
  result: Type.Object({ health: Health }),
  errors: [],
});

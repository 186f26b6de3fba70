import { Type } from 'typebox';
import { PERMISSIONS_MAX } from '../permissions.ts';
import { PermissionSchema } from '../schemas/api-key.ts';
import { Closed } from '../schemas/envelope.ts';
import { CursorPagination, CursorQuery } from '../schemas/page.ts';
import { DryRun, Effect, Force, Id, Nullable, OwnWorkspace, Wait } from '../schemas/primitives.ts';
import { ExceedingKey, Role } from '../schemas/role.ts';
import { API_BASE, defineEndpoint } from './endpoint.ts';

const ROLES = `${API_BASE}/workspaces/{workspaceId}/roles`;
const tag = 'Roles' as const;

/** In code points. */
export const ROLE_NAME_MAX = 60;
export const ROLE_DESCRIPTION_MAX = 500;

const RolesParams = Closed({ workspaceId: Id });
const RoleParams = Closed({ workspaceId: Id, roleId: Id });

const RoleName = Type.String({
  minLength: 1,
  description: `At most ${ROLE_NAME_MAX} code points; at least one is visible. Unique in the workspace; case, invisible characters and differences between similar-looking letters are ignored.`,
  examples: ['Support'],
});
const Description = Nullable(
  Type.String({ minLength: 1, description: `At most ${ROLE_DESCRIPTION_MAX} code points.` }),
);
const Permissions = Type.Array(PermissionSchema, { maxItems: PERMISSIONS_MAX });

export const RevokeExceeding = Type.Boolean({
  default: false,
  description:
    'Also revoke, in the same transaction, every key with permissions that its owner no longer holds after the change.',
});

export const listRoles = defineEndpoint({
  id: 'listRoles',
  method: 'GET',
  path: ROLES,
  tag,
  summary: 'List roles',
  description: 'The system roles first, then the custom roles of the workspace by name.',
  access: { permission: 'roles:read' },
  params: RolesParams,
  query: Closed({ ...CursorQuery, ...OwnWorkspace }),
  status: 200,
  result: Type.Object({ roles: Type.Array(Role), pagination: CursorPagination }),
  errors: ['NOT_FOUND'],
});

export const createRole = defineEndpoint({
  id: 'createRole',
  method: 'POST',
  path: ROLES,
  tag,
  summary: 'Create a role',
  description: 'The caller must hold every permission of the new role.',
  access: { permission: 'roles:write' },
  idempotent: true,
  params: RolesParams,
  body: Closed({
    name: RoleName,
    description: Type.Optional(Description),
    permissions: Permissions,
    ...OwnWorkspace,
  }),
  status: 201,
  result: Type.Object({ role: Role }),
  errors: ['NOT_FOUND', 'CONFLICT', 'LIMIT_REACHED', 'PERMISSION_ESCALATION', 'STORAGE_FULL'],
});

export const updateRole = defineEndpoint({
  id: 'updateRole',
  method: 'PUT',
  path: `${ROLES}/{roleId}`,
  tag,
  summary: 'Update a role',
  description:
    'A field that is left out is unchanged. To add a permission, the caller must hold every permission that the role has after the change. Existing keys do not change; the response lists the keys that now exceed the role of their owner.',
  access: { permission: 'roles:write' },
  params: RoleParams,
  query: Closed({ ...DryRun, ...Wait, ...OwnWorkspace }),
  body: Closed({
    name: Type.Optional(RoleName),
    description: Type.Optional(Description),
    permissions: Type.Optional(Permissions),
    revokeExceeding: Type.Optional(RevokeExceeding),
    ...Force,
    ...OwnWorkspace,
  }),
  status: 200,
  result: Type.Object({ role: Role, exceedingKeys: Type.Array(ExceedingKey), ...Effect }),
  errors: ['NOT_FOUND', 'CONFLICT', 'LAST_MANAGING_KEY', 'PERMISSION_ESCALATION', 'STORAGE_FULL'],
});

export const deleteRole = defineEndpoint({
  id: 'deleteRole',
  method: 'DELETE',
  path: `${ROLES}/{roleId}`,
  tag,
  summary: 'Delete a role',
  description: 'CONFLICT while a member has the role.',
  access: { permission: 'roles:delete' },
  params: RoleParams,
  status: 200,
  result: Type.Object({ role: Role }),
  errors: ['NOT_FOUND', 'CONFLICT', 'STORAGE_FULL'],
});

import { type Static, Type } from 'typebox';
import { PermissionSchema } from './api-key.ts';
import { Id, Nullable, Timestamp } from './primitives.ts';

export const Role = Type.Object(
  {
    id: Id,
    workspaceId: Id,
    name: Type.String(),
    description: Nullable(Type.String()),
    permissions: Type.Array(PermissionSchema, { description: 'In catalogue order.' }),
    isSystem: Type.Boolean({ description: 'System roles cannot be changed or deleted.' }),
    isDefault: Type.Boolean({ description: 'The role to preselect.' }),
    memberCount: Type.Integer({ minimum: 0 }),
    assignable: Type.Boolean({ description: 'Whether the caller may give the role to a member.' }),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  },
  { title: 'Role' },
);

/** A key with permissions that its owner's role does not have. */
export const ExceedingKey = Type.Object(
  {
    id: Id,
    userId: Type.String({ description: 'The owner of the key.' }),
    name: Type.String(),
    key: Type.String({ description: 'The hint: prefix, `…`, last four characters.' }),
    lastUsedAt: Nullable(Timestamp),
    exceeding: Type.Array(PermissionSchema, {
      description: 'The permissions of the key that the role does not have.',
    }),
  },
  { title: 'ExceedingKey' },
);

export type RoleBody = Static<typeof Role>;
export type ExceedingKeyBody = Static<typeof ExceedingKey>;

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
    isSystem: Type.Boolean({ description: 'It cannot be changed or deleted.' }),
    isDefault: Type.Boolean({ description: 'The role to offer first.' }),
    memberCount: Type.Integer({ minimum: 0 }),
    assignable: Type.Boolean({ description: 'The caller may give it to somebody.' }),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  },
  { title: 'Role' },
);

/** A key that holds what its owner's role does not, or no longer, give. */
export const ExceedingKey = Type.Object(
  {
    id: Id,
    userId: Type.String({ description: 'The owner of the key.' }),
    name: Type.String(),
    exceeding: Type.Array(PermissionSchema, { description: 'What it holds beyond the role.' }),
  },
  { title: 'ExceedingKey' },
);

export type RoleBody = Static<typeof Role>;
export type ExceedingKeyBody = Static<typeof ExceedingKey>;

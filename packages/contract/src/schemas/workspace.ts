import { type Static, Type } from 'typebox';
import { Id, Timestamp } from './primitives.ts';

/**
 * What happens to existing keys when the role of their owner loses permissions. `frozen`: a key keeps its permissions.
 * `capped`: a key has only the permissions that both its set and the current role of its owner include.
 */
export const PERMISSION_MODES = ['frozen', 'capped'] as const;
export type PermissionMode = (typeof PERMISSION_MODES)[number];

export const PermissionModeSchema = Type.Unsafe<PermissionMode>({
  type: 'string',
  enum: [...PERMISSION_MODES],
  description:
    "`frozen`: a key keeps its permissions when its owner's role loses some. `capped`: a key has only the permissions that are in both its set and that role.",
});

export const WORKSPACE_STATUSES = ['active', 'suspended', 'deleted'] as const;
export type WorkspaceStatus = (typeof WORKSPACE_STATUSES)[number];

export const Workspace = Type.Object(
  {
    id: Id,
    name: Type.String(),
    permissionMode: PermissionModeSchema,
    status: Type.Unsafe<WorkspaceStatus>({ type: 'string', enum: [...WORKSPACE_STATUSES] }),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  },
  { title: 'Workspace' },
);

export type WorkspaceBody = Static<typeof Workspace>;

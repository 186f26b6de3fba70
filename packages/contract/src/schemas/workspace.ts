import { type Static, Type } from 'typebox';
import { Id, Timestamp } from './primitives.ts';

/**
 * What a demotion does to keys that exist. `frozen`: nothing, a key keeps its set. `capped`: a key may do what its set
 * and its owner's present role both allow.
 */
export const PERMISSION_MODES = ['frozen', 'capped'] as const;
export type PermissionMode = (typeof PERMISSION_MODES)[number];

export const PermissionModeSchema = Type.Unsafe<PermissionMode>({
  type: 'string',
  enum: [...PERMISSION_MODES],
  description:
    "`frozen`: a key keeps its set when its owner's role shrinks. `capped`: it may do what both its set and that role allow.",
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

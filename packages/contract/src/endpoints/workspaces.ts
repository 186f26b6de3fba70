import { Type } from 'typebox';
import { Affected } from '../schemas/affected.ts';
import { Closed } from '../schemas/envelope.ts';
import { CursorPagination, CursorQuery } from '../schemas/page.ts';
import { DryRun, Effect, Force, Id, Name, OwnWorkspace, Wait } from '../schemas/primitives.ts';
import { PermissionModeSchema, Workspace } from '../schemas/workspace.ts';
import { API_BASE, defineEndpoint } from './endpoint.ts';

const WORKSPACES = `${API_BASE}/workspaces`;
const tag = 'Workspaces' as const;

const NewWorkspaceResult = Type.Object({
  workspace: Workspace,
  key: Type.Optional(
    Type.String({
      description:
        'The first key of the new workspace, for its owner. Shown once, and only if the credential does not prove an account.',
    }),
  ),
});

export const createWorkspace = defineEndpoint({
  id: 'createWorkspace',
  method: 'POST',
  path: WORKSPACES,
  tag,
  summary: 'Create a workspace',
  description:
    'A new member with your e-mail address and name becomes its owner. If the credential proves your account, the member is linked to it; otherwise the response has a key of the new workspace. The credential of the call still belongs to its own workspace.',
  access: {
    permission: null,
    credential: 'any',
    because: 'every person may create a workspace; a key needs workspace:settings-write to do so',
  },
  idempotent: true,
  body: Closed({ name: Name, ...OwnWorkspace }),
  status: 201,
  result: NewWorkspaceResult,
  errors: ['LIMIT_REACHED', 'STORAGE_FULL'],
});

export const listWorkspaces = defineEndpoint({
  id: 'listWorkspaces',
  method: 'GET',
  path: WORKSPACES,
  tag,
  summary: 'List workspaces',
  description:
    'The workspace of the credential. If the credential proves your account: all workspaces in which you are an active member.',
  access: { permission: 'workspace:read' },
  query: Closed({ ...CursorQuery, ...OwnWorkspace }),
  status: 200,
  result: Type.Object({ workspaces: Type.Array(Workspace), pagination: CursorPagination }),
  errors: [],
});

export const updateWorkspace = defineEndpoint({
  id: 'updateWorkspace',
  method: 'PUT',
  path: WORKSPACES,
  tag,
  summary: 'Update the workspace',
  description:
    'A field that is left out is unchanged. A new `permissionMode` takes effect for every key, at `effectiveBy` at the latest: with `capped`, keys lose the permissions that their owner does not hold; with `frozen`, they have them again. A dry run lists these keys.',
  access: { permission: 'workspace:settings-write' },
  query: Closed({ ...DryRun, ...Wait, ...OwnWorkspace }),
  body: Closed({
    name: Type.Optional(Name),
    permissionMode: Type.Optional(PermissionModeSchema),
    ...Force,
    ...OwnWorkspace,
  }),
  status: 200,
  result: Type.Object({ workspace: Workspace, ...Effect, affected: Type.Optional(Affected) }),
  errors: ['LAST_MANAGING_KEY', 'STORAGE_FULL'],
});

export const deleteWorkspace = defineEndpoint({
  id: 'deleteWorkspace',
  method: 'DELETE',
  path: `${WORKSPACES}/{workspaceId}`,
  tag,
  summary: 'Delete the workspace',
  description:
    'Permanent. All of its keys are denied: at once by the instance that answers, by the others at `effectiveBy` at the latest. The last workspace with a key that can create keys cannot be deleted.',
  access: { permission: 'workspace:delete' },
  params: Closed({ workspaceId: Id }),
  query: Closed({ ...Wait, ...OwnWorkspace }),
  status: 200,
  result: Type.Object({ workspace: Workspace, ...Effect }),
  errors: ['NOT_FOUND', 'CONFLICT', 'STORAGE_FULL'],
});

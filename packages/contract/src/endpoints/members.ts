import { Type } from 'typebox';
import { Affected } from '../schemas/affected.ts';
import { EndedList } from '../schemas/ended.ts';
import { Closed } from '../schemas/envelope.ts';
import { Member, MemberStatusSchema } from '../schemas/member.ts';
import { CursorPagination, CursorQuery } from '../schemas/page.ts';
import { DryRun, Effect, Force, Id, OwnWorkspace, Wait } from '../schemas/primitives.ts';
import { ExceedingKey } from '../schemas/role.ts';
import { API_BASE, defineEndpoint } from './endpoint.ts';
import { RevokeExceeding } from './roles.ts';

const MEMBERS = `${API_BASE}/workspaces/{workspaceId}/members`;
const tag = 'Members' as const;

const MemberParams = Closed({ workspaceId: Id, userId: Id });

export const listMembers = defineEndpoint({
  id: 'listMembers',
  method: 'GET',
  path: MEMBERS,
  tag,
  summary: 'List members',
  description: 'In the order in which they joined.',
  access: { permission: 'members:read' },
  params: Closed({ workspaceId: Id }),
  query: Closed({ ...CursorQuery, ...OwnWorkspace }),
  status: 200,
  result: Type.Object({ members: Type.Array(Member), pagination: CursorPagination }),
  errors: ['NOT_FOUND'],
});

export const updateMember = defineEndpoint({
  id: 'updateMember',
  method: 'PUT',
  path: `${MEMBERS}/{userId}`,
  tag,
  summary: 'Update a member',
  description:
    'A field that is left out is unchanged. The caller must hold every permission of the new role; only owners can change owners. `status` also needs `members:remove`. The keys of a suspended member are denied until the member is active again; their sessions and open sign-in links end.',
  access: { permission: 'members:role-change' },
  params: MemberParams,
  query: Closed({ ...DryRun, ...Wait, ...OwnWorkspace }),
  body: Closed({
    roleId: Type.Optional(Id),
    status: Type.Optional(MemberStatusSchema),
    revokeExceeding: Type.Optional(RevokeExceeding),
    ...Force,
    ...OwnWorkspace,
  }),
  status: 200,
  result: Type.Object({
    member: Member,
    exceedingKeys: Type.Array(ExceedingKey),
    ended: EndedList,
    ...Effect,
    affected: Type.Optional(Affected),
  }),
  errors: ['NOT_FOUND', 'LAST_OWNER', 'LAST_MANAGING_KEY', 'PERMISSION_ESCALATION', 'STORAGE_FULL'],
});

export const removeMember = defineEndpoint({
  id: 'removeMember',
  method: 'DELETE',
  path: `${MEMBERS}/{userId}`,
  tag,
  summary: 'Remove a member',
  description:
    'Permanently revokes every key that the member owns in this workspace. The sessions of the member, and the sessions, sign-in links and pending invitations that the member created, end too.',
  access: { permission: 'members:remove' },
  params: MemberParams,
  query: Closed({ ...DryRun, ...Wait, ...OwnWorkspace }),
  body: Closed({
    cascade: Type.Optional(
      Type.Boolean({
        default: false,
        description:
          'Also revoke the keys and secrets and suspend the members that derive from the member, each if the caller could do so with a separate call.',
      }),
    ),
    ...Force,
    ...OwnWorkspace,
  }),
  bodyOptional: true,
  status: 200,
  result: Type.Object({
    member: Member,
    revokedKeys: Type.Integer({ minimum: 0 }),
    ended: EndedList,
    ...Effect,
    affected: Type.Optional(Affected),
  }),
  errors: ['NOT_FOUND', 'LAST_OWNER', 'LAST_MANAGING_KEY', 'STORAGE_FULL'],
});

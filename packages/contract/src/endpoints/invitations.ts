import { Type } from 'typebox';
import { Closed } from '../schemas/envelope.ts';
import { Invitation } from '../schemas/invitation.ts';
import { Member } from '../schemas/member.ts';
import { CursorPagination, CursorQuery } from '../schemas/page.ts';
import { Email, Id, Name, Nullable, OwnWorkspace } from '../schemas/primitives.ts';
import { API_BASE, defineEndpoint } from './endpoint.ts';

const INVITATIONS = `${API_BASE}/workspaces/invitations`;
const tag = 'Invitations' as const;

/** Code points. */
export const INVITATION_MESSAGE_MAX = 500;

export const createInvitation = defineEndpoint({
  id: 'createInvitation',
  method: 'POST',
  path: INVITATIONS,
  tag,
  summary: 'Invite somebody',
  description:
    'Good for 7 days and once. A new invitation takes the place of one to the same address that is still open. Nothing outside the workspace is looked at: the answer is the same whether or not the address is known elsewhere. The mail has a token of its own, which proves to this service that the address is received; the token of the answer does not.',
  access: { permission: 'members:invite' },
  idempotent: true,
  body: Closed({
    email: Email,
    roleId: Id,
    message: Type.Optional(
      Type.String({ minLength: 1, description: `At most ${INVITATION_MESSAGE_MAX} code points.` }),
    ),
    skipEmail: Type.Optional(
      Type.Boolean({ default: false, description: 'You hand on the token yourself.' }),
    ),
    ...OwnWorkspace,
  }),
  status: 201,
  result: Type.Object({
    invitation: Invitation,
    emailWarning: Nullable(
      Type.String({
        description:
          'Why no e-mail was sent, and what to do instead; null where it was, or where none was wanted.',
      }),
    ),
  }),
  errors: ['NOT_FOUND', 'CONFLICT', 'LIMIT_REACHED', 'PERMISSION_ESCALATION', 'STORAGE_FULL'],
});

export const listInvitations = defineEndpoint({
  id: 'listInvitations',
  method: 'GET',
  path: INVITATIONS,
  tag,
  summary: 'List invitations',
  description: 'The newest first, whatever became of them.',
  access: { permission: 'members:read' },
  query: Closed({ ...CursorQuery, ...OwnWorkspace }),
  status: 200,
  result: Type.Object({ invitations: Type.Array(Invitation), pagination: CursorPagination }),
  errors: [],
});

export const revokeInvitation = defineEndpoint({
  id: 'revokeInvitation',
  method: 'DELETE',
  path: `${INVITATIONS}/{id}`,
  tag,
  summary: 'Revoke an invitation',
  description: 'Repeating the call gives the same answer. CONFLICT where it has been accepted.',
  access: { permission: 'members:invite' },
  params: Closed({ id: Id }),
  status: 200,
  result: Type.Object({ invitation: Invitation }),
  errors: ['NOT_FOUND', 'CONFLICT', 'STORAGE_FULL'],
});

export const acceptInvitation = defineEndpoint({
  id: 'acceptInvitation',
  method: 'POST',
  path: `${INVITATIONS}/accept`,
  tag,
  summary: 'Accept an invitation',
  description:
    'Makes a member of this workspace alone and signs that member in: the answer sets the cookie of the session. With the token of the mail, or with a credential that proves your account, the member becomes one of your account. The inviter must still be able to grant the role.',
  access: { permission: null, credential: 'none', because: 'the token of the invitation is the credential' },
  body: Closed({
    token: Type.String({ minLength: 1, maxLength: 128 }),
    displayName: Type.Optional(Name),
  }),
  signsIn: true,
  accountOptional: true,
  status: 201,
  result: Type.Object({ member: Member }),
  errors: ['NOT_FOUND', 'CONFLICT', 'PERMISSION_ESCALATION', 'WORKSPACE_SUSPENDED', 'STORAGE_FULL'],
});

import { Type } from 'typebox';
import { Closed } from '../schemas/envelope.ts';
import { Invitation } from '../schemas/invitation.ts';
import { Member } from '../schemas/member.ts';
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
    'Good for 7 days and once. A new invitation takes the place of one to the same address that is still open.',
  access: { permission: 'members:invite' },
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
  status: 200,
  result: Type.Object({ invitations: Type.Array(Invitation) }),
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
    'Who has an account with the invited address joins with it; else one is made. Whoever invited must still be able to grant the role.',
  access: { permission: null, credential: 'none', because: 'the token of the invitation is the credential' },
  body: Closed({
    token: Type.String({ minLength: 1, maxLength: 128 }),
    displayName: Type.Optional(Name),
  }),
  status: 201,
  result: Type.Object({ member: Member }),
  errors: ['NOT_FOUND', 'CONFLICT', 'PERMISSION_ESCALATION', 'WORKSPACE_SUSPENDED', 'STORAGE_FULL'],
});

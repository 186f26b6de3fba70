import { Type } from 'typebox';
import { Closed } from '../schemas/envelope.ts';
import { Invitation } from '../schemas/invitation.ts';
import { Member } from '../schemas/member.ts';
import { CursorPagination, CursorQuery } from '../schemas/page.ts';
import { Email, Id, Name, Nullable, OwnWorkspace } from '../schemas/primitives.ts';
import { API_BASE, defineEndpoint } from './endpoint.ts';

const INVITATIONS = `${API_BASE}/workspaces/invitations`;
const tag = 'Invitations' as const;

/** In code points. */
export const INVITATION_MESSAGE_MAX = 500;

const SkipEmail = Type.Boolean({
  default: false,
  description: 'Send no e-mail: you pass on the token yourself.',
});

const NewInvitationResult = Type.Object({
  invitation: Invitation,
  emailWarning: Nullable(
    Type.String({
      description:
        'Why no e-mail was sent, and what to do instead. Null if it was sent, or if `skipEmail` was set.',
    }),
  ),
});

export const createInvitation = defineEndpoint({
  id: 'createInvitation',
  method: 'POST',
  path: INVITATIONS,
  tag,
  summary: 'Invite a person',
  description:
    'The invitation expires after 7 days and can be accepted once. It replaces a pending invitation to the same address. The call checks nothing outside the workspace: the response does not show whether the address has an account elsewhere. The e-mail has its own token, which proves that the person receives mail at the address; the token in the response does not.',
  access: { permission: 'members:invite' },
  idempotent: true,
  body: Closed({
    email: Email,
    roleId: Id,
    message: Type.Optional(
      Type.String({ minLength: 1, description: `At most ${INVITATION_MESSAGE_MAX} code points.` }),
    ),
    skipEmail: Type.Optional(SkipEmail),
    ...OwnWorkspace,
  }),
  status: 201,
  result: NewInvitationResult,
  errors: ['NOT_FOUND', 'CONFLICT', 'LIMIT_REACHED', 'PERMISSION_ESCALATION', 'STORAGE_FULL'],
});

export const listInvitations = defineEndpoint({
  id: 'listInvitations',
  method: 'GET',
  path: INVITATIONS,
  tag,
  summary: 'List invitations',
  description: 'All invitations in any status, newest first.',
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
  description: 'Repeating the call returns the same response. CONFLICT if the invitation has been accepted.',
  access: { permission: 'members:invite' },
  params: Closed({ id: Id }),
  status: 200,
  result: Type.Object({ invitation: Invitation }),
  errors: ['NOT_FOUND', 'CONFLICT', 'STORAGE_FULL'],
});

export const resendInvitation = defineEndpoint({
  id: 'resendInvitation',
  method: 'POST',
  path: `${INVITATIONS}/{id}/resend`,
  tag,
  summary: 'Send an invitation again',
  description:
    'Replaces a pending or expired invitation by a new one to the same address, with the same role and message, which comes from the caller and expires after 7 days. The old tokens no longer work. CONFLICT if the invitation was accepted, revoked or replaced.',
  access: { permission: 'members:invite' },
  idempotent: true,
  params: Closed({ id: Id }),
  body: Closed({ skipEmail: Type.Optional(SkipEmail), ...OwnWorkspace }),
  bodyOptional: true,
  status: 201,
  result: NewInvitationResult,
  errors: ['NOT_FOUND', 'CONFLICT', 'LIMIT_REACHED', 'PERMISSION_ESCALATION', 'STORAGE_FULL'],
});

export const acceptInvitation = defineEndpoint({
  id: 'acceptInvitation',
  method: 'POST',
  path: `${INVITATIONS}/accept`,
  tag,
  summary: 'Accept an invitation',
  description:
    'Creates a member of this workspace and signs that member in: the response sets the session cookie. With the token from the e-mail, or with a credential that proves your account, the member is linked to your account. The inviter must still be able to grant the role.',
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

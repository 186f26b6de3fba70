import { Type } from 'typebox';
import { Account, Offer } from '../schemas/account.ts';
import { EndedList } from '../schemas/ended.ts';
import { Closed } from '../schemas/envelope.ts';
import { Force } from '../schemas/force.ts';
import { Member } from '../schemas/member.ts';
import { Id } from '../schemas/primitives.ts';
import { Session } from '../schemas/session.ts';
import { API_BASE, defineEndpoint } from './endpoint.ts';

const ACCOUNT = `${API_BASE}/account`;
const tag = 'Account' as const;

const access = {
  permission: null,
  credential: 'account',
  because:
    'it is about the person; it takes a token of the identity provider or a session that proves who the person is, and no key',
} as const;

export const getAccount = defineEndpoint({
  id: 'getAccount',
  method: 'GET',
  path: ACCOUNT,
  tag,
  summary: 'Show your account',
  description:
    'Your members in all workspaces, and those that have an address which you have proven: you may join as them. No workspace sees this.',
  access,
  status: 200,
  result: Type.Object({ account: Account }),
  errors: [],
});

export const setDefaultWorkspace = defineEndpoint({
  id: 'setDefaultWorkspace',
  method: 'PUT',
  path: `${ACCOUNT}/default`,
  tag,
  summary: 'Choose your default workspace',
  description:
    'Tokens act there that name no workspace. Until you choose, it is the first one that you joined; joining another never changes it.',
  access,
  body: Closed({ workspaceId: Id }),
  status: 200,
  result: Type.Object({ account: Account }),
  errors: ['NOT_FOUND', 'STORAGE_FULL'],
});

export const joinOffer = defineEndpoint({
  id: 'joinOffer',
  method: 'POST',
  path: `${ACCOUNT}/offers/{id}/join`,
  tag,
  summary: 'Join a workspace that you are offered',
  description: 'The member becomes yours, with its id and role. Sessions that it had before end.',
  access,
  params: Closed({ id: Id }),
  status: 200,
  result: Type.Object({ member: Member }),
  errors: ['NOT_FOUND', 'CONFLICT', 'STORAGE_FULL'],
});

export const declineOffer = defineEndpoint({
  id: 'declineOffer',
  method: 'POST',
  path: `${ACCOUNT}/offers/{id}/decline`,
  tag,
  summary: 'Decline an offer',
  description: 'It is not shown to you again. The workspace does not learn of it.',
  access,
  params: Closed({ id: Id }),
  status: 200,
  result: Type.Object({ offer: Offer }),
  errors: ['NOT_FOUND', 'STORAGE_FULL'],
});

export const leaveWorkspace = defineEndpoint({
  id: 'leaveWorkspace',
  method: 'DELETE',
  path: `${API_BASE}/workspaces/{workspaceId}/members/me`,
  tag,
  summary: 'Leave a workspace',
  description:
    'One of your workspaces, whichever the credential acts in. Your keys there are revoked, and your sessions there end.',
  access,
  params: Closed({ workspaceId: Id }),
  body: Closed({ ...Force }),
  bodyOptional: true,
  status: 200,
  result: Type.Object({ member: Member, revokedKeys: Type.Integer({ minimum: 0 }), ended: EndedList }),
  errors: ['NOT_FOUND', 'LAST_OWNER', 'LAST_MANAGING_KEY', 'STORAGE_FULL'],
});

export const switchWorkspace = defineEndpoint({
  id: 'switchWorkspace',
  method: 'POST',
  path: `${API_BASE}/sessions/current/workspace`,
  tag,
  summary: 'Switch the session to another workspace',
  description:
    'One in which your account has an active member. The answer sets the cookie of a new session, which ends when the present one would have.',
  access,
  body: Closed({ workspaceId: Id }),
  signsIn: true,
  status: 201,
  result: Type.Object({ session: Session }),
  errors: ['NOT_FOUND', 'CONFLICT', 'WORKSPACE_SUSPENDED', 'STORAGE_FULL'],
});

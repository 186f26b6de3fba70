import { Type } from 'typebox';
import { Account, Offer } from '../schemas/account.ts';
import { EndedList } from '../schemas/ended.ts';
import { Closed } from '../schemas/envelope.ts';
import { Member } from '../schemas/member.ts';
import { Force, Id } from '../schemas/primitives.ts';
import { Session } from '../schemas/session.ts';
import { API_BASE, defineEndpoint } from './endpoint.ts';

const ACCOUNT = `${API_BASE}/account`;
const tag = 'Account' as const;

const access = {
  permission: null,
  credential: 'account',
  because:
    'it is about the person, so it takes an identity provider token or a session that proves who the person is, not a key',
} as const;

export const getAccount = defineEndpoint({
  id: 'getAccount',
  method: 'GET',
  path: ACCOUNT,
  tag,
  summary: 'Show your account',
  description:
    'Your members in all workspaces, and the offers: members with an e-mail address that you have verified, whom you can claim. No workspace sees this.',
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
    'Tokens that name no workspace act in this one. Until you choose one, it is the first workspace that you joined; joining another does not change it.',
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
  summary: 'Accept an offer to join a workspace',
  description:
    'Your account claims the member, which keeps its id and role. The earlier sessions of the member end.',
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
  description: 'The offer is not shown to you again. The workspace is not notified.',
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
    'The path names the workspace, which need not be the one that the credential acts in. Your keys there are revoked, and your sessions there end.',
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
    'Your account must have an active member in it. The response sets the cookie of a new session, which expires when the current one would have.',
  access,
  body: Closed({ workspaceId: Id }),
  signsIn: true,
  status: 201,
  result: Type.Object({ session: Session }),
  errors: ['NOT_FOUND', 'CONFLICT', 'WORKSPACE_SUSPENDED', 'STORAGE_FULL'],
});

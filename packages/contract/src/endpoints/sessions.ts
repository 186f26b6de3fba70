import { Type } from 'typebox';
import { Closed } from '../schemas/envelope.ts';
import { CursorPagination, CursorQuery } from '../schemas/page.ts';
import { Email, Id, OwnWorkspace } from '../schemas/primitives.ts';
import { Session, SignInLink } from '../schemas/session.ts';
import { API_BASE, defineEndpoint } from './endpoint.ts';

const SESSIONS = `${API_BASE}/sessions`;
const tag = 'Sessions' as const;

/** Use it as the session id to mean the session that is the credential of the call. */
export const CURRENT_SESSION = 'current';

const IN_PERSON =
  'A key may do this only if it has every permission of the role of its owner, and no expiry or limits.';

export const createSignInLink = defineEndpoint({
  id: 'createSignInLink',
  method: 'POST',
  path: `${API_BASE}/sign-in-links`,
  tag,
  summary: 'Make a sign-in link',
  description: `The link works once, within 15 minutes, and signs in the owner of the key or the member in \`userId\`. For another member, the caller needs \`members:invite\` and every permission of that member's role. The session never has more permissions than the credential that created the link, and ends with it. A new link replaces the unused link of the member. To sign in yourself: ${IN_PERSON}`,
  access: {
    permission: null,
    credential: 'any',
    because:
      'the required permission depends on the member to sign in, and a session never has more permissions than the creator of its link',
  },
  body: Closed({
    userId: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        description: "The member to sign in; the caller's own user by default.",
      }),
    ),
    ...OwnWorkspace,
  }),
  bodyOptional: true,
  status: 201,
  result: Type.Object({ signInLink: SignInLink }),
  errors: ['USER_NOT_FOUND', 'PERMISSION_ESCALATION', 'STORAGE_FULL'],
});

export const requestSignInLink = defineEndpoint({
  id: 'requestSignInLink',
  method: 'POST',
  path: `${API_BASE}/sign-in-links/request`,
  tag,
  summary: 'Request sign-in links by e-mail',
  description:
    'Sends a link for each workspace in which the e-mail address belongs to an active member. The response and its timing are the same for every address. At most ten calls in 15 minutes from one IP address; after three calls in 15 minutes for one e-mail address, the response is the same but no e-mail is sent. CONFLICT if the service cannot send e-mail.',
  access: {
    permission: null,
    credential: 'none',
    because: 'only the owner of the address receives the e-mail',
  },
  body: Closed({ email: Email }),
  status: 202,
  result: Type.Object({}),
  errors: ['CONFLICT', 'RATE_LIMITED'],
});

export const createSession = defineEndpoint({
  id: 'createSession',
  method: 'POST',
  path: SESSIONS,
  tag,
  summary: 'Sign in',
  description:
    'With the token of a sign-in link, which is the part of its URL after the `#`. The response sets the session cookie. Every invalid token gets the same response; after ten of them in 15 minutes, the IP address gets 429.',
  access: { permission: null, credential: 'none', because: 'the token of the link is the credential' },
  body: Closed({ token: Type.String({ minLength: 1, maxLength: 128 }) }),
  signsIn: true,
  status: 201,
  result: Type.Object({ session: Session }),
  errors: ['NOT_FOUND', 'RATE_LIMITED', 'WORKSPACE_SUSPENDED', 'STORAGE_FULL'],
});

export const listSessions = defineEndpoint({
  id: 'listSessions',
  method: 'GET',
  path: SESSIONS,
  tag,
  summary: 'List your sessions',
  description: `Your active sessions in this workspace, newest first. ${IN_PERSON}`,
  access: { permission: null, credential: 'any', because: 'callers see only their own sessions' },
  query: Closed({ ...CursorQuery, ...OwnWorkspace }),
  status: 200,
  result: Type.Object({ sessions: Type.Array(Session), pagination: CursorPagination }),
  errors: [],
});

export const deleteSession = defineEndpoint({
  id: 'deleteSession',
  method: 'DELETE',
  path: `${SESSIONS}/{sessionId}`,
  tag,
  summary: 'Sign out',
  description: `Ends one of your sessions at once; \`${CURRENT_SESSION}\` is the session that makes the call. ${IN_PERSON}`,
  access: { permission: null, credential: 'any', because: 'callers can end only their own sessions' },
  params: Closed({ sessionId: Id }),
  status: 200,
  result: Type.Object({ session: Session }),
  errors: ['NOT_FOUND', 'STORAGE_FULL'],
});

import { Type } from 'typebox';
import { Closed } from '../schemas/envelope.ts';
import { CursorPagination, CursorQuery } from '../schemas/page.ts';
import { Email, Id, OwnWorkspace } from '../schemas/primitives.ts';
import { Session, SignInLink } from '../schemas/session.ts';
import { API_BASE, defineEndpoint } from './endpoint.ts';

const SESSIONS = `${API_BASE}/sessions`;
const tag = 'Sessions' as const;

/** In place of the id of a session: the one that is the credential of the call. */
export const CURRENT_SESSION = 'current';

const IN_PERSON =
  'A key may do this only where it holds all that the role of its owner gives, without expiry or limits.';

export const createSignInLink = defineEndpoint({
  id: 'createSignInLink',
  method: 'POST',
  path: `${API_BASE}/sign-in-links`,
  tag,
  summary: 'Make a sign-in link',
  description: `Signs one member in, once and within 15 minutes: the owner of the key, or the member that \`userId\` names. For another member the caller needs \`members:invite\` and all that the member's role gives. The session never holds more than the credential that made the link, and ends with it. A new link replaces the member's open one. For oneself: ${IN_PERSON}`,
  access: {
    permission: null,
    credential: 'any',
    because:
      'it is judged by the member to be signed in, and a session is never stronger than who made its link',
  },
  body: Closed({
    userId: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        description: "The member to sign in; left out: the caller's own user.",
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
  summary: 'Have sign-in links mailed',
  description:
    'Mails a link for each workspace in which the address is an active member. The answer is the same, at the same time, for every address. At most ten calls in 15 minutes from one address of the network; more than three in 15 minutes for one e-mail address are answered but not mailed. CONFLICT if the service sends no mail.',
  access: { permission: null, credential: 'none', because: 'the mail reaches only the owner of the address' },
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
    'With the token of a sign-in link, which is what stands behind the `#` of its address. The answer sets the cookie of the session. Every token that opens nothing is answered alike; the eleventh in 15 minutes from one address with 429.',
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
  description: `Where you are signed in to this workspace now, the newest first. ${IN_PERSON}`,
  access: { permission: null, credential: 'any', because: 'nobody sees the sessions of somebody else' },
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
  description: `Ends one of your sessions, at once; \`${CURRENT_SESSION}\` is the one that calls. ${IN_PERSON}`,
  access: { permission: null, credential: 'any', because: 'nobody ends the sessions of somebody else' },
  params: Closed({ sessionId: Id }),
  status: 200,
  result: Type.Object({ session: Session }),
  errors: ['NOT_FOUND', 'STORAGE_FULL'],
});

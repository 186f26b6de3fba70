import { type Static, Type } from 'typebox';
import { Nullable, Timestamp } from './primitives.ts';

/** The session of a member in one browser. No response body contains its token, which is sent only in a cookie. */
export const Session = Type.Object(
  {
    id: Type.String({ examples: ['ses_01m84hkxthfeyba9zjhgmmw6nr'] }),
    workspaceId: Type.String(),
    userId: Type.String(),
    createdAt: Timestamp,
    lastSeenAt: Type.String({ format: 'date-time', description: 'Accurate to the minute.' }),
    expiresAt: Type.String({
      format: 'date-time',
      description: 'The session ends at this time, or earlier after 30 minutes without a call.',
    }),
    address: Nullable(Type.String({ description: 'The IP address from which the session was opened.' })),
    agent: Nullable(Type.String({ description: 'The User-Agent of the browser that opened the session.' })),
    isCurrent: Type.Boolean({ description: 'Whether the session is the credential of this call.' }),
  },
  { title: 'Session' },
);

export type SessionBody = Static<typeof Session>;

/** A link that signs one member in, once. */
export const SignInLink = Type.Object(
  {
    id: Type.String({ examples: ['link_01m84hkxthfeyba9zjhgmmw6nr'] }),
    userId: Type.String({ description: 'The member whom it signs in.' }),
    url: Type.String({
      description: 'The member opens it in a browser. Shown once; do not share it with other people.',
      examples: ['https://keys.example.com/sign-in#…'],
    }),
    expiresAt: Timestamp,
  },
  { title: 'SignInLink' },
);

import { type Static, Type } from 'typebox';
import { Nullable, Timestamp } from './primitives.ts';

/** Somebody signed in, in one browser. Its token is in no answer; it travels in a cookie only. */
export const Session = Type.Object(
  {
    id: Type.String({ examples: ['ses_01m84hkxthfeyba9zjhgmmw6nr'] }),
    workspaceId: Type.String(),
    userId: Type.String(),
    createdAt: Timestamp,
    lastSeenAt: Type.String({ format: 'date-time', description: 'To the minute.' }),
    expiresAt: Type.String({
      format: 'date-time',
      description: 'The session ends then at the latest, and before that after 30 minutes without a call.',
    }),
    address: Nullable(Type.String({ description: 'From where it was opened.' })),
    agent: Nullable(Type.String({ description: 'What the browser said of itself then.' })),
    isCurrent: Type.Boolean({ description: 'The session is the credential of this very call.' }),
  },
  { title: 'Session' },
);

export type SessionBody = Static<typeof Session>;

/** A door that lets one person in, once. */
export const SignInLink = Type.Object(
  {
    id: Type.String({ examples: ['link_01m84hkxthfeyba9zjhgmmw6nr'] }),
    userId: Type.String({ description: 'The member whom it signs in.' }),
    url: Type.String({
      description: 'To be opened in a browser, by that person only. Shown this once.',
      examples: ['https://keys.example.com/sign-in#…'],
    }),
    expiresAt: Timestamp,
  },
  { title: 'SignInLink' },
);

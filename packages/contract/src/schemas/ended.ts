import { type Static, Type } from 'typebox';

/** What can be a credential, or lead to one. */
export const CREDENTIAL_KINDS = [
  'api-key',
  'secret',
  'session',
  'sign-in-link',
  'invitation',
  'member',
] as const;

export type CredentialKind = (typeof CREDENTIAL_KINDS)[number];

/** A credential that a call has ended because it derives from what the call was about. */
export const Ended = Type.Object(
  {
    kind: Type.Unsafe<CredentialKind>({ type: 'string', enum: [...CREDENTIAL_KINDS] }),
    id: Type.String({
      description: 'Its id; of a `secret` the id of its key; of a `member`, who was suspended, the user id.',
    }),
  },
  { title: 'Ended' },
);

export type EndedBody = Static<typeof Ended>;

export const EndedList = Type.Array(Ended, {
  description: 'Every other credential that the call has ended, of this workspace alone.',
});

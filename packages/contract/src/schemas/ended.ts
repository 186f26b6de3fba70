import { type Static, Type } from 'typebox';

/** Credentials, and objects from which a credential can be obtained. */
export const CREDENTIAL_KINDS = [
  'api-key',
  'secret',
  'session',
  'sign-in-link',
  'invitation',
  'member',
] as const;

export type CredentialKind = (typeof CREDENTIAL_KINDS)[number];

/** A credential that a call ended because it derives from the target of the call. */
export const Ended = Type.Object(
  {
    kind: Type.Unsafe<CredentialKind>({ type: 'string', enum: [...CREDENTIAL_KINDS] }),
    id: Type.String({
      description:
        'The id; for a `secret`, the id of its key; for a `member`, who was suspended, the user id.',
    }),
  },
  { title: 'Ended' },
);

export type EndedBody = Static<typeof Ended>;

export const EndedList = Type.Array(Ended, {
  description: 'Every other credential of this workspace that the call ended.',
});

import { type Static, Type } from 'typebox';
import { Id, Nullable, Timestamp } from './primitives.ts';

export const INVITATION_STATUSES = ['pending', 'accepted', 'revoked', 'expired'] as const;
export type InvitationStatus = (typeof INVITATION_STATUSES)[number];

export const Invitation = Type.Object(
  {
    id: Id,
    workspaceId: Id,
    inviterId: Id,
    email: Type.String(),
    roleId: Id,
    roleName: Type.String({ description: 'The name of the role when the invitation was created.' }),
    status: Type.Unsafe<InvitationStatus>({ type: 'string', enum: [...INVITATION_STATUSES] }),
    token: Type.Optional(
      Type.String({
        description:
          'The token with which the invited person accepts. Shown once, to the inviter, so it does not prove who accepts.',
      }),
    ),
    acceptUrl: Type.Optional(
      Type.String({ description: 'The URL of the page to accept on, including the token. Shown once.' }),
    ),
    expiresAt: Timestamp,
    createdAt: Timestamp,
    updatedAt: Timestamp,
    acceptedAt: Nullable(Timestamp),
    inviterEmail: Type.String(),
    inviterDisplayName: Type.String(),
  },
  { title: 'Invitation' },
);

export type InvitationBody = Static<typeof Invitation>;

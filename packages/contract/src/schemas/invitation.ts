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
    roleName: Type.String({ description: 'As it was when the invitation was made.' }),
    status: Type.Unsafe<InvitationStatus>({ type: 'string', enum: [...INVITATION_STATUSES] }),
    token: Type.Optional(
      Type.String({
        description:
          'What the invited person accepts with. Shown once, to the inviter: it proves nothing of who accepts.',
      }),
    ),
    acceptUrl: Type.Optional(
      Type.String({ description: 'The page on which to accept, with the token. Shown once.' }),
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

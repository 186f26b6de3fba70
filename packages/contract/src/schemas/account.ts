import { type Static, Type } from 'typebox';
import { MemberStatusSchema } from './member.ts';
import { Id, Nullable } from './primitives.ts';

const place = {
  userId: Id,
  workspaceId: Id,
  workspaceName: Type.String(),
  email: Type.String(),
  displayName: Type.String(),
  roleName: Type.String(),
};

/** A member who belongs to the account. */
export const AccountMember = Type.Object(
  {
    ...place,
    status: MemberStatusSchema,
    isDefault: Type.Boolean({ description: 'A token that names no workspace acts here.' }),
  },
  { title: 'AccountMember' },
);

/** A member with an address that the account has proven, whom it may claim. */
export const Offer = Type.Object(
  { id: Type.String({ description: 'The id of the member.' }), ...place },
  { title: 'Offer' },
);

/** A person across workspaces. */
export const Account = Type.Object(
  {
    defaultWorkspaceId: Nullable(
      Type.String({ description: 'Where a token acts that names no workspace; null without members.' }),
    ),
    members: Type.Array(AccountMember),
    offers: Type.Array(Offer),
  },
  { title: 'Account' },
);

export type AccountBody = Static<typeof Account>;
export type AccountMemberBody = Static<typeof AccountMember>;
export type OfferBody = Static<typeof Offer>;

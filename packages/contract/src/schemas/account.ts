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

/** A member that is linked to the account. */
export const AccountMember = Type.Object(
  {
    ...place,
    status: MemberStatusSchema,
    isDefault: Type.Boolean({ description: 'Tokens that name no workspace act in this one.' }),
  },
  { title: 'AccountMember' },
);

/** A member whose e-mail address the account has verified, so that the account may claim the member. */
export const Offer = Type.Object(
  { id: Type.String({ description: 'The id of the member.' }), ...place },
  { title: 'Offer' },
);

/** A person, with their members in all workspaces. */
export const Account = Type.Object(
  {
    defaultWorkspaceId: Nullable(
      Type.String({
        description:
          'The workspace in which tokens that name no workspace act; null if the account has no members.',
      }),
    ),
    members: Type.Array(AccountMember),
    offers: Type.Array(Offer),
  },
  { title: 'Account' },
);

export type AccountBody = Static<typeof Account>;
export type AccountMemberBody = Static<typeof AccountMember>;
export type OfferBody = Static<typeof Offer>;

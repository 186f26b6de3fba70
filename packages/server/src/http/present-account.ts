import type { AccountBody, OfferBody } from '@latchkey/contract';
import type { AccountOverview, PlacedMember } from '../domain/identity/account-overview.ts';

export function presentAccount({ defaultWorkspaceId, members, offers }: AccountOverview): AccountBody {
  return {
    defaultWorkspaceId,
    members: members.map((placed) => ({
      ...presentPlaced(placed),
      status: placed.member.status,
      isDefault: placed.workspace.id === defaultWorkspaceId,
    })),
    offers: offers.map(presentOffer),
  };
}

export function presentOffer(placed: PlacedMember): OfferBody {
  return { id: placed.member.id, ...presentPlaced(placed) };
}

function presentPlaced({ member, workspace }: PlacedMember) {
  const { id: userId, email, displayName, roleName } = member;
  return { userId, workspaceId: workspace.id, workspaceName: workspace.name, email, displayName, roleName };
}

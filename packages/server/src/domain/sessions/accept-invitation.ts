import {
  type Acceptance,
  acceptInvitationIn,
  type ClaimingAccount,
} from '../invitations/accept-invitation.ts';
import type { ClientInfo } from '../shared/caller.ts';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import type { Member } from '../tenancy/member.ts';
import type { WorkspaceStores } from '../tenancy/stores.ts';
import { openSessionIn } from './open-session.ts';
import type { SessionNeeds, SessionStores } from './stores.ts';

export interface AcceptanceNeeds<Stores> extends Pick<SessionNeeds, 'keyring' | 'clock'> {
  readonly unitOfWork: UnitOfWork<Stores>;
}

export interface AcceptedInvitation {
  readonly member: Member;
  /** The token of the new member's session. It is returned only once. */
  readonly token: string;
}

/**
 * Accepts an invitation and signs the new member in, in one transaction. The session proves an account only when the member
 * was claimed for it. Throws the errors of `acceptInvitationIn`.
 */
export async function acceptInvitation<Stores extends SessionStores & WorkspaceStores>(
  needs: AcceptanceNeeds<Stores>,
  acceptance: Acceptance,
  claimingAccount: ClaimingAccount<Stores> | null,
  client: ClientInfo,
): Promise<AcceptedInvitation> {
  return needs.unitOfWork.transact(async (stores) => {
    const member = await acceptInvitationIn(stores, needs, acceptance, claimingAccount, client);
    const { workspaceId, id: userId, accountId } = member;
    const { token } = await openSessionIn(stores, needs, { workspaceId, userId, accountId }, client);
    return { member, token };
  });
}

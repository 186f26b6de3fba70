import { type CreatedSignInLink, createSignInLink } from '../sessions/create-sign-in-link.ts';
import { AppError } from '../shared/app-error.ts';
import { operator } from '../shared/caller.ts';
import { within } from '../shared/unit-of-work.ts';
import { type HostNeeds, type HostTarget, targetMember } from './host-target.ts';

/**
 * A link that signs a member in, in person: only a user of the host could see it. By default an owner of the oldest
 * workspace. An act of the operator in the audit log. NOT_FOUND; CONFLICT if the member is suspended.
 */
export async function hostSignInLink(
  needs: HostNeeds,
  target: HostTarget,
  agent: string,
): Promise<CreatedSignInLink> {
  return needs.unitOfWork.transact(async (stores) => {
    const { workspaceId, id: userId, status } = await targetMember(stores, target);
    if (status !== 'active')
      throw new AppError('CONFLICT', {
        message: `${userId} is suspended. Another owner can bring them back; \`latchkey recover\` brings back an owner`,
      });
    return createSignInLink(within(needs, stores), operator(needs.catalogue, { workspaceId, userId }, agent));
  });
}

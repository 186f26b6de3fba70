import { listMembers, removeMember, updateMember } from '@latchkey/contract';
import { endedKeys, keysOfMember } from '../../domain/keys/affected-keys.ts';
import { listMembers as list } from '../../domain/members/list-members.ts';
import { removeMember as remove } from '../../domain/members/remove-member.ts';
import { updateMember as update } from '../../domain/members/update-member.ts';
import type { Caller } from '../../domain/shared/caller.ts';
import type { Credential } from '../../domain/tenancy/descent.ts';
import type { Member } from '../../domain/tenancy/member.ts';
import { changeMessage, presentEffect, runOrRehearse } from '../pipeline/change-options.ts';
import { type Route, route } from '../pipeline/route.ts';
import type { Services } from '../pipeline/services.ts';
import { presentAffected } from '../present/key.ts';
import { presentPage } from '../present/page.ts';
import { presentExceeding, presentMember } from '../present/tenancy.ts';

export function memberRoutes(services: Services): Route[] {
  // After a dry run, the stored member is as before it.
  const stoppedBy = async (caller: Caller, after: Member, ended: readonly Credential[]) => {
    const before = await services.members.find(after.workspaceId, after.id);
    const isSuspended = before?.status === 'active' && after.status === 'suspended';
    return isSuspended ? keysOfMember(services, caller, after.id) : endedKeys(services, caller, ended);
  };
  return [
    route(listMembers, async ({ caller, query, signal }) => {
      const page = await list(services.listing(signal), caller, query);
      const members = page.items.map(presentMember);
      return { message: 'Members listed', result: { members, pagination: presentPage(page) } };
    }),
    route(updateMember, async (call) => {
      const { caller, params, body, query } = call;
      const { userId } = params;
      const { member, exceedingKeys, ended } = await runOrRehearse(services, query, (services) =>
        update(services, caller, userId, body),
      );
      const result = {
        member: presentMember(member),
        exceedingKeys: presentExceeding(exceedingKeys),
        ended: [...ended],
        ...(await presentEffect(services, call)),
        ...(query.dryRun && { affected: presentAffected(await stoppedBy(caller, member, ended)) }),
      };
      return { message: changeMessage('Member updated', query), result };
    }),
    route(removeMember, async (call) => {
      const { caller, params, body, query } = call;
      const { member, revokedKeys, ended } = await runOrRehearse(services, query, (services) =>
        remove(services, caller, params.userId, body),
      );
      const affected = query.dryRun ? await endedKeys(services, caller, ended) : null;
      const result = {
        member: presentMember(member),
        revokedKeys,
        ended: [...ended],
        ...(await presentEffect(services, call)),
        ...(affected && { affected: presentAffected(affected) }),
      };
      return { message: changeMessage('Member removed', query), result };
    }),
  ];
}

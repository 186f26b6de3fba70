import { listMembers, removeMember, updateMember } from '@latchkey/contract';
import { listMembers as list } from '../../domain/members/list-members.ts';
import { removeMember as remove } from '../../domain/members/remove-member.ts';
import { updateMember as update } from '../../domain/members/update-member.ts';
import { type Route, route } from '../pipeline/route.ts';
import type { Services } from '../pipeline/services.ts';
import { presentPage } from '../present/page.ts';
import { presentExceeding, presentMember } from '../present/tenancy.ts';

export function memberRoutes(services: Services): Route[] {
  return [
    route(listMembers, async ({ caller, query, signal }) => {
      const page = await list(services.reading(signal), caller, query);
      const members = page.items.map(presentMember);
      return { message: 'Members listed', result: { members, pagination: presentPage(page) } };
    }),
    route(updateMember, async ({ caller, params, body }) => {
      const { member, exceedingKeys } = await update(services, caller, params.userId, body);
      return {
        message: 'Member updated',
        result: { member: presentMember(member), exceedingKeys: presentExceeding(exceedingKeys) },
      };
    }),
    route(removeMember, async ({ caller, params, body }) => {
      const { member, revokedKeys, ended } = await remove(services, caller, params.userId, body);
      const result = { member: presentMember(member), revokedKeys, ended: [...ended] };
      return { message: 'Member removed', result };
    }),
  ];
}

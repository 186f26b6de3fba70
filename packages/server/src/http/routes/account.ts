import {
  createSession,
  declineOffer,
  getAccount,
  joinOffer,
  leaveWorkspace,
  setDefaultWorkspace,
  switchWorkspace,
} from '@latchkey/contract';
import { accountOverview } from '../../domain/identity/account-overview.ts';
import { leaveWorkspace as leave } from '../../domain/identity/leave-workspace.ts';
import { declineOffer as decline, joinOffer as join } from '../../domain/identity/settle-offer.ts';
import {
  setDefaultWorkspace as setDefault,
  switchWorkspace as switchTo,
} from '../../domain/identity/switch-workspace.ts';
import { noSessionCookie, sessionCookie } from '../auth/credentials.ts';
import { type Route, route } from '../pipeline/route.ts';
import type { Services } from '../pipeline/services.ts';
import { presentAccount, presentMember, presentOffer, presentSession } from '../present/tenancy.ts';

export function accountRoutes(services: Services): Route[] {
  return [
    route(getAccount, async ({ holder }) => {
      const account = presentAccount(await accountOverview(services, holder));
      return { message: 'Account shown', result: { account } };
    }),
    route(setDefaultWorkspace, async ({ holder, body }) => {
      await setDefault(services, holder, body.workspaceId);
      const account = presentAccount(await accountOverview(services, holder));
      return { message: 'Default workspace set', result: { account } };
    }),
    route(joinOffer, async ({ holder, params }) => {
      const member = await join(services, holder, params.id);
      return { message: 'Workspace joined', result: { member: presentMember(member) } };
    }),
    route(declineOffer, async ({ holder, params }) => {
      const offer = await decline(services, holder, params.id);
      return { message: 'Offer declined', result: { offer: presentOffer(offer) } };
    }),
    route(leaveWorkspace, async ({ holder, params, body, setHeaders }) => {
      const { member, revokedKeys, ended } = await leave(services, holder, params.workspaceId, body ?? {});
      if (holder.session?.workspaceId === member.workspaceId) setHeaders({ 'Set-Cookie': noSessionCookie() });
      const result = { member: presentMember(member), revokedKeys, ended: [...ended] };
      return { message: 'Workspace left', result };
    }),
    route(switchWorkspace, async ({ holder, body, setHeaders }) => {
      const { session, token } = await switchTo(services, holder, body.workspaceId);
      setHeaders({ Location: `${createSession.path}/${session.id}`, 'Set-Cookie': sessionCookie(token) });
      return { message: 'Workspace switched', result: { session: presentSession(session, session.id) } };
    }),
  ];
}

import {
  acceptInvitation,
  createInvitation,
  listInvitations,
  listMembers,
  revokeInvitation,
} from '@latchkey/contract';
import { acceptInvitation as accept } from '../../domain/workspaces/accept-invitation.ts';
import { createInvitation as invite } from '../../domain/workspaces/create-invitation.ts';
import { listInvitations as list } from '../../domain/workspaces/list-invitations.ts';
import { revokeInvitation as revoke } from '../../domain/workspaces/revoke-invitation.ts';
import { sendInvitation } from '../../domain/workspaces/send-invitation.ts';
import { acceptUrl } from '../accept-invitation/url.ts';
import { presentInvitation, presentMember } from '../present-people.ts';
import { type Route, route } from '../route.ts';
import type { Services } from '../services.ts';

export function invitationRoutes(services: Services): Route[] {
  const { clock, mailer, workspaces, publicUrl } = services;
  const sending = { mailer, workspaces, acceptUrl: (token: string) => acceptUrl(publicUrl(), token) };
  return [
    route(createInvitation, async ({ caller, body, setHeaders }) => {
      const created = await invite(services, caller, body);
      const { invitation, token } = created;
      setHeaders({ Location: `${createInvitation.path}/${invitation.id}` });
      const emailWarning = body.skipEmail ? null : await sendInvitation(sending, created);
      const shown = presentInvitation(invitation, clock.now(), token);
      return { message: 'Invitation created', result: { invitation: shown, emailWarning } };
    }),
    route(listInvitations, async ({ caller, signal }) => {
      const now = clock.now();
      const invitations = (await list(services.reading(signal), caller)).map((one) =>
        presentInvitation(one, now),
      );
      return { message: 'Invitations listed', result: { invitations } };
    }),
    route(revokeInvitation, async ({ caller, params }) => {
      const invitation = await revoke(services, caller, params.id);
      return {
        message: 'Invitation revoked',
        result: { invitation: presentInvitation(invitation, clock.now()) },
      };
    }),
    route(acceptInvitation, async ({ body, origin, setHeaders }) => {
      const member = await accept(services, body, origin);
      const path = listMembers.path.replace('{workspaceId}', member.workspaceId);
      setHeaders({ Location: `${path}/${member.id}` });
      return { message: 'Invitation accepted', result: { member: presentMember(member) } };
    }),
  ];
}

import {
  acceptInvitation,
  createInvitation,
  listInvitations,
  listMembers,
  resendInvitation,
  revokeInvitation,
} from '@latchkey/contract';
import { accountOf, type HolderStores } from '../../domain/identity/account-holder.ts';
import {
  type CreatedInvitation,
  createInvitation as invite,
  resendInvitation as resend,
} from '../../domain/invitations/create-invitation.ts';
import { sendInvitation } from '../../domain/invitations/invitation-mail.ts';
import { listInvitations as list } from '../../domain/invitations/list-invitations.ts';
import { revokeInvitation as revoke } from '../../domain/invitations/revoke-invitation.ts';
import { acceptInvitation as accept } from '../../domain/sessions/accept-invitation.ts';
import { sessionCookie } from '../auth/credentials.ts';
import { acceptUrl } from '../pages/urls.ts';
import { replayHeader } from '../pipeline/request-headers.ts';
import { type Route, route } from '../pipeline/route.ts';
import type { Services } from '../pipeline/services.ts';
import { presentPage } from '../present/page.ts';
import { presentInvitation, presentMember } from '../present/tenancy.ts';

const SENT_BEFORE =
  'This call repeats an earlier one, which sent the mail or tried to. No second mail was sent: if none has arrived, create a new invitation with another Idempotency-Key.';

export function invitationRoutes(services: Services): Route[] {
  const { clock, mailer, workspaces, publicUrl } = services;
  const urlOf = (token: string) => acceptUrl(publicUrl(), token);
  const sending = { mailer, workspaces, acceptUrl: urlOf };
  const warningOf = async (created: CreatedInvitation) =>
    created.isReplay && mailer !== null ? SENT_BEFORE : sendInvitation(sending, created);
  const isMailed = (skipEmail = false) => mailer !== null && !skipEmail;
  const present = async (created: CreatedInvitation, skipEmail = false) => {
    const { invitation, token } = created;
    const emailWarning = skipEmail ? null : await warningOf(created);
    const door = token === null ? {} : { token, acceptUrl: urlOf(token) };
    return { invitation: presentInvitation(invitation, clock.now(), door), emailWarning };
  };
  const headersOf = (created: CreatedInvitation) => ({
    Location: `${createInvitation.path}/${created.invitation.id}`,
    ...replayHeader(created),
  });
  return [
    route(createInvitation, async ({ caller, body, idempotency, setHeaders }) => {
      const { skipEmail } = body;
      const created = await invite(services, caller, { ...body, isMailed: isMailed(skipEmail) }, idempotency);
      setHeaders(headersOf(created));
      return { message: 'Invitation created', result: await present(created, skipEmail) };
    }),
    route(resendInvitation, async ({ caller, params, body, idempotency, setHeaders }) => {
      const skipEmail = body?.skipEmail;
      const sending = { isMailed: isMailed(skipEmail) };
      const created = await resend(services, caller, params.id, sending, idempotency);
      setHeaders(headersOf(created));
      return { message: 'Invitation sent again', result: await present(created, skipEmail) };
    }),
    route(listInvitations, async ({ caller, query, signal }) => {
      const now = clock.now();
      const page = await list(services.listing(signal), caller, query);
      const invitations = page.items.map((one) => presentInvitation(one, now));
      return { message: 'Invitations listed', result: { invitations, pagination: presentPage(page) } };
    }),
    route(revokeInvitation, async ({ caller, params }) => {
      const invitation = await revoke(services, caller, params.id);
      return {
        message: 'Invitation revoked',
        result: { invitation: presentInvitation(invitation, clock.now()) },
      };
    }),
    route(acceptInvitation, async ({ body, holder, client, setHeaders }) => {
      const claiming = holder && ((stores: HolderStores) => accountOf(stores, holder, clock.now()));
      const { member, token } = await accept(services, body, claiming, client);
      const path = listMembers.path.replace('{workspaceId}', member.workspaceId);
      setHeaders({ Location: `${path}/${member.id}`, 'Set-Cookie': sessionCookie(token) });
      return { message: 'Invitation accepted', result: { member: presentMember(member) } };
    }),
  ];
}

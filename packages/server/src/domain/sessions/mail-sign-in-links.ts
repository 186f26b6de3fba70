import { actorOf, denialOf } from '../audit/entry.ts';
import { appendEntry } from '../audit/record-change.ts';
import type { ClientInfo } from '../shared/caller.ts';
import { newId } from '../shared/id.ts';
import type { Mailer } from '../shared/mail.ts';
import { generateToken } from '../shared/tokens.ts';
import type { AccountStore } from '../tenancy/account.ts';
import { callerOfMember, type Member, type MemberStore } from '../tenancy/member.ts';
import type { WorkspaceStore } from '../tenancy/workspace.ts';
import { SIGN_IN_LINK_KEPT_MS, signInLinkFacts } from './sign-in-link.ts';
import { type MailedLink, signInMail } from './sign-in-mail.ts';
import type { SessionNeeds } from './stores.ts';

/** Links in one mail; when the address has more members, the oldest get a link. */
const LINKS_MAX = 20;

export interface MailSignInLinksNeeds extends SessionNeeds {
  readonly members: MemberStore;
  readonly accounts: AccountStore;
  readonly workspaces: WorkspaceStore;
  readonly mailer: Mailer;
  /** The URL that signs in with the token of a link. */
  readonly signInUrl: (token: string) => string;
}

/**
 * Sends one mail with a sign-in link for each active member who has the address; no mail if there is none. A link proves
 * that the person receives mail at the address. Members whom another account has claimed than that of the address get no
 * link. Returns why the mail was not sent; null if it was sent, or if there was nothing to send.
 */
export async function mailSignInLinks(
  needs: MailSignInLinksNeeds,
  email: string,
  client: ClientInfo,
): Promise<string | null> {
  const members = (await reachable(needs, email)).slice(0, LINKS_MAX);
  const links: MailedLink[] = [];
  for (const member of members) {
    const workspace = await needs.workspaces.find(member.workspaceId);
    const url = needs.signInUrl(await makeLink(needs, member, client));
    links.push({ workspaceName: workspace?.name ?? '', displayName: member.displayName, url });
  }
  const [first] = members;
  return first ? needs.mailer.send(signInMail(first.email, links)) : null;
}

async function reachable({ members, accounts }: MailSignInLinksNeeds, email: string): Promise<Member[]> {
  const account = await accounts.findByAddress(email);
  const all = await members.listByAddress([email]);
  return all.filter(
    ({ status, accountId }) => status === 'active' && (accountId === null || accountId === account?.id),
  );
}

async function makeLink(
  { unitOfWork, keyring, clock }: MailSignInLinksNeeds,
  member: Member,
  client: ClientInfo,
): Promise<string> {
  const token = generateToken('signin');
  await unitOfWork.transact(async ({ signInLinks, descent, audit }) => {
    const now = clock.now();
    const { workspaceId, id: userId } = member;
    const times = { createdAt: now, expiresAt: now + SIGN_IN_LINK_KEPT_MS };
    const link = { id: newId('link'), workspaceId, userId, issuer: null, ...times };
    await signInLinks.putMailed(link, keyring.digest(token));
    const origination = { workspaceId, parentId: null, memberId: userId };
    await descent.record({ kind: 'sign-in-link', id: link.id }, origination);
    await appendEntry(audit, {
      ...actorOf(callerOfMember(member, client)),
      // Any client can request the mail, so the actor is unknown.
      actorId: null,
      eventType: 'sign-in-link.created',
      target: { kind: 'sign-in-link', id: link.id },
      before: null,
      after: signInLinkFacts(link),
      ...denialOf(null),
      createdAt: now,
    });
  });
  return token;
}

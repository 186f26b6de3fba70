import {
  createSession,
  createSignInLink,
  deleteSession,
  listSessions,
  requestSignInLink,
} from '@latchkey/contract';
import { claimSignInLink } from '../../domain/sessions/claim-sign-in-link.ts';
import { createSignInLink as createLink } from '../../domain/sessions/create-sign-in-link.ts';
import { endSession } from '../../domain/sessions/end-session.ts';
import { listSessions as list } from '../../domain/sessions/list-sessions.ts';
import { mailSignInLinks } from '../../domain/sessions/mail-sign-in-links.ts';
import { AppError } from '../../domain/shared/app-error.ts';
import { noSessionCookie, sessionCookie } from '../auth/credentials.ts';
import { SignInLimits } from '../load/sign-in-limits.ts';
import { SIGN_IN_PATH, signInUrl } from '../pages/urls.ts';
import { type Route, route } from '../pipeline/route.ts';
import type { Services } from '../pipeline/services.ts';
import { presentInstant } from '../present/key.ts';
import { presentPage } from '../present/page.ts';
import { presentSession } from '../present/tenancy.ts';

export function sessionRoutes(services: Services): Route[] {
  const limits = new SignInLimits();
  return [
    route(createSignInLink, async ({ caller, body, setHeaders }) => {
      const { link, token } = await createLink(services, caller, body?.userId);
      const publicUrl = services.publicUrl();
      setHeaders({ Location: publicUrl + SIGN_IN_PATH });
      const { id, userId, expiresAt } = link;
      const url = signInUrl(publicUrl, token);
      const signInLink = { id, userId, url, expiresAt: presentInstant(expiresAt) };
      return { message: 'Sign-in link created', result: { signInLink } };
    }),
    route(requestSignInLink, async ({ body, client, setHeaders }) => {
      const { mailer } = services;
      if (!mailer) throw new AppError('CONFLICT', { message: 'This service sends no mail' });
      limits.countRequest(client.address ?? '', (seconds) => setHeaders({ 'Retry-After': String(seconds) }));
      if (limits.mayMail(body.email)) {
        const signIn = (token: string) => signInUrl(services.publicUrl(), token);
        services.background.run('mail sign-in links', () =>
          mailSignInLinks({ ...services, mailer, signInUrl: signIn }, body.email, client),
        );
      }
      return { message: 'If the address is known, a mail is on its way', result: {} };
    }),
    route(createSession, async ({ body, client, setHeaders }) => {
      const claim = claimSignInLink(services, body.token, client);
      const { session, token } = await claim.catch((error: unknown) => {
        const tell = (seconds: number) => setHeaders({ 'Retry-After': String(seconds) });
        if (opensNothing(error)) limits.countFailure(client.address ?? '', tell);
        throw error;
      });
      setHeaders({ Location: `${createSession.path}/${session.id}`, 'Set-Cookie': sessionCookie(token) });
      return { message: 'Signed in', result: { session: presentSession(session, session.id) } };
    }),
    route(listSessions, async ({ caller, query, signal }) => {
      const page = await list(services.reading(signal), caller, query);
      const sessions = page.items.map((session) => presentSession(session, caller.sessionId));
      return { message: 'Sessions listed', result: { sessions, pagination: presentPage(page) } };
    }),
    route(deleteSession, async ({ caller, params, setHeaders }) => {
      const session = await endSession(services, caller, params.sessionId);
      if (session.id === caller.sessionId) setHeaders({ 'Set-Cookie': noSessionCookie() });
      return { message: 'Signed out', result: { session: presentSession(session, caller.sessionId) } };
    }),
  ];
}

function opensNothing(error: unknown): boolean {
  return error instanceof AppError && error.code === 'NOT_FOUND';
}

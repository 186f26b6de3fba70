import type { IncomingMessage } from 'node:http';
import { ERRORS, PENDING_PREFIX } from '@latchkey/contract';
import { parse, type SetCookie, serialize } from 'cookie';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PendingSignIn } from '../../../domain/identity/identity-provider.ts';
import { signIn } from '../../../domain/identity/member-of-identity.ts';
import { AppError } from '../../../domain/shared/app-error.ts';
import type { Keyring } from '../../../domain/shared/keyring.ts';
import { clientInfoOf } from '../../pipeline/client-info.ts';
import { publicMessage, toAppError } from '../../pipeline/error-response.ts';
import type { Services } from '../../pipeline/services.ts';
import { sessionCookie } from '../../pipeline/session-cookie.ts';
import { PAGE_POLICY } from '../page.ts';
import { PROVIDER_PATH, RETURN_PATH, SIGN_IN_PATH } from '../urls.ts';
import { problemPage, type SignInWays, STYLE, signInPage } from './page.ts';
import { SCRIPT } from './script.ts';

/** The page that sign-in links open. It needs no credential: the link's token is never sent to the server. */
export function signInRoutes(app: FastifyInstance, ways: SignInWays): void {
  const page = signInPage(ways);
  app.get(SIGN_IN_PATH, async (_request, reply) =>
    reply.header('Content-Security-Policy', PAGE_POLICY).type('text/html; charset=utf-8').send(page),
  );
  app.get(`${SIGN_IN_PATH}/script.js`, async (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(SCRIPT),
  );
  app.get(`${SIGN_IN_PATH}/style.css`, async (_request, reply) =>
    reply.type('text/css; charset=utf-8').send(STYLE),
  );
}

/** See Other: the browser continues with a GET (RFC 9110, section 15.4.4). */
const SEE_OTHER = 303;

/** Sign-in at the identity provider. The redirect targets are fixed: no part of a request can change them. */
export async function providerRoutes(app: FastifyInstance, services: Services): Promise<void> {
  const { providerSignIn, keyring, clock, trustedProxies } = services;
  if (!providerSignIn) return;
  const { provider, identities, provisioning } = providerSignIn;
  const returnTo = (): string => services.publicUrl() + RETURN_PATH;
  await app.register(async (pages) => {
    pages.setErrorHandler(showProblem);
    pages.get(PROVIDER_PATH, async (_request, reply) => {
      const { url, pending } = await provider.begin(returnTo());
      reply.header('Set-Cookie', pendingCookie(keyring, pending, clock.now()));
      return reply.redirect(url, SEE_OTHER);
    });
    pages.get(RETURN_PATH, async (request, reply) => {
      const pending = pendingOf(request.raw, keyring, clock.now());
      reply.header('Set-Cookie', noPendingCookie());
      if (!pending) throw notBegunHere();
      const query = request.url.slice(request.url.indexOf('?') + 1);
      const identity = await provider.finish(returnTo(), query, pending);
      const client = clientInfoOf(request.raw, request.id, trustedProxies);
      const { token } = await signIn({ ...services, identities, provisioning }, identity, client);
      reply.header('Set-Cookie', sessionCookie(token));
      return reply.redirect(services.publicUrl() + SIGN_IN_PATH, SEE_OTHER);
    });
  });
}

function notBegunHere(): AppError {
  return new AppError('SIGN_IN_FAILED', {
    message: 'This sign-in was not begun in this browser, or more than ten minutes ago',
  });
}

/** Shows a failed request as an HTML page, since people and not programs read it. */
function showProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = toAppError(error);
  if (problem.code === 'INTERNAL') request.log.error({ err: problem.cause ?? problem }, 'sign-in failed');
  return reply
    .code(ERRORS[problem.code].status)
    .type('text/html; charset=utf-8')
    .send(problemPage(publicMessage(problem), request.id));
}

const PENDING_COOKIE = '__Host-latchkey_pending';
/** Seconds in which a person must sign in at the provider. */
const KEPT_SECONDS = 10 * 60;
const CONTEXT = 'pending sign-in';

/** SameSite is lax, since the browser returns from a page of the provider, by a GET in its main frame. */
const ATTRIBUTES = {
  path: '/',
  secure: true,
  httpOnly: true,
  sameSite: 'lax',
} satisfies Partial<SetCookie>;

/** The value of Set-Cookie that stores the pending sign-in in the browser, encrypted and authenticated. */
export function pendingCookie(keyring: Keyring, pending: PendingSignIn, now: number): string {
  const kept = JSON.stringify({ ...pending, endsAt: now + KEPT_SECONDS * 1_000 });
  const sealed = keyring.encrypt(kept, CONTEXT, CONTEXT);
  return serialize(PENDING_COOKIE, PENDING_PREFIX + sealed, { ...ATTRIBUTES, maxAge: KEPT_SECONDS });
}

/** The value of Set-Cookie that deletes the cookie, which is valid for one return only. */
function noPendingCookie(): string {
  return serialize(PENDING_COOKIE, '', { ...ATTRIBUTES, maxAge: 0 });
}

/** The pending sign-in of this browser; null if there is none or it has expired. */
function pendingOf({ headers }: IncomingMessage, keyring: Keyring, now: number): PendingSignIn | null {
  const value = parse(headers.cookie ?? '')[PENDING_COOKIE];
  if (!value?.startsWith(PENDING_PREFIX)) return null;
  const sealed = value.slice(PENDING_PREFIX.length);
  try {
    const { endsAt, ...pending } = JSON.parse(keyring.decrypt(sealed, CONTEXT, CONTEXT)) as PendingSignIn & {
      endsAt: number;
    };
    return now < endsAt ? pending : null;
  } catch {
    return null;
  }
}

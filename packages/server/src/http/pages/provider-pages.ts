import type { IncomingMessage } from 'node:http';
import { ERRORS, PENDING_PREFIX } from '@latchkey/contract';
import { parse, type SetCookie, serialize } from 'cookie';
import type { PendingSignIn } from '../../domain/identity/identity-provider.ts';
import { signIn } from '../../domain/identity/member-of-identity.ts';
import { AppError } from '../../domain/shared/app-error.ts';
import type { Keyring } from '../../domain/shared/keyring.ts';
import { sessionCookie } from '../auth/credentials.ts';
import type { AnswerLog } from '../pipeline/answer-log.ts';
import { publicMessage, toAppError } from '../pipeline/error-response.ts';
import { clientInfoOf, type Exchange } from '../pipeline/exchange.ts';
import type { Fields, RawResponse } from '../pipeline/raw-response.ts';
import type { Services } from '../pipeline/services.ts';
import type { Dashboard } from './dashboard.ts';
import { type Page, pageResponse } from './page.ts';
import { PROVIDER_PATH, RETURN_PATH, SIGN_IN_PATH } from './urls.ts';

/** See Other: the browser continues with a GET (RFC 9110, section 15.4.4). */
const SEE_OTHER = 303;

/** Sign-in at the identity provider. The redirect targets are fixed: no part of a request can change them. */
export function providerPages(services: Services, dashboard: Dashboard, answers: AnswerLog): Page[] {
  const { providerSignIn, keyring, clock, trustedProxies } = services;
  if (!providerSignIn) return [];
  const { provider, identities, provisioning } = providerSignIn;
  const returnTo = (): string => services.publicUrl() + RETURN_PATH;
  const begin: Page['answer'] = async ({ requestId }) => {
    const { url, pending } = await provider.begin(returnTo());
    return redirect(url, requestId, pendingCookie(keyring, pending, clock.now()));
  };
  const finish = async ({ request, requestId, url }: Exchange): Promise<RawResponse> => {
    const pending = pendingOf(request, keyring, clock.now());
    if (!pending) throw notBegunHere();
    const identity = await provider.finish(returnTo(), url.slice(url.indexOf('?') + 1), pending);
    const client = clientInfoOf(request, requestId, trustedProxies);
    const { token } = await signIn({ ...services, identities, provisioning }, identity, client);
    return redirect(services.publicUrl() + SIGN_IN_PATH, requestId, noPendingCookie(), sessionCookie(token));
  };
  const needs = { dashboard, answers };
  return [
    { path: PROVIDER_PATH, answer: orProblem(begin, needs) },
    { path: RETURN_PATH, answer: orProblem(finish, needs, { 'Set-Cookie': noPendingCookie() }) },
  ];
}

function redirect(location: string, requestId: string, ...cookies: string[]): RawResponse {
  return pageResponse(SEE_OTHER, '', requestId, { Location: location, 'Set-Cookie': cookies });
}

function notBegunHere(): AppError {
  return new AppError('SIGN_IN_FAILED', {
    message: 'This sign-in was not begun in this browser, or more than ten minutes ago',
  });
}

interface ProblemNeeds {
  readonly dashboard: Dashboard;
  readonly answers: AnswerLog;
}

/** Answers a failed request with the sign-in screen, since people and not programs read it. */
function orProblem(
  answer: Page['answer'],
  { dashboard, answers }: ProblemNeeds,
  fields: Fields = {},
): Page['answer'] {
  return async (exchange) => {
    try {
      return await answer(exchange);
    } catch (error) {
      const problem = toAppError(error);
      answers.failed(exchange.requestId, problem);
      const shown = { status: ERRORS[problem.code].status, message: publicMessage(problem) };
      return dashboard.signInProblem(exchange.requestId, shown, fields);
    }
  };
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

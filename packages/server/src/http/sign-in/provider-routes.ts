import { ERRORS } from '@latchkey/contract';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { signIn } from '../../domain/identity/sign-in.ts';
import { AppError } from '../../domain/shared/app-error.ts';
import { PROVIDER_PATH, RETURN_PATH, SIGN_IN_PATH } from '../pages/urls.ts';
import { originOf } from '../pipeline/client-info.ts';
import { publicMessage, toAppError } from '../pipeline/error-response.ts';
import type { Services } from '../pipeline/services.ts';
import { sessionCookie } from '../pipeline/session-cookie.ts';
import { noPendingCookie, pendingCookie, pendingOf } from './pending-cookie.ts';
import { problemPage } from './problem-page.ts';

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
      const origin = originOf(request.raw, request.id, trustedProxies);
      const { token } = await signIn({ ...services, identities, provisioning }, identity, origin);
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

import type { FastifyInstance } from 'fastify';
import { PAGE_POLICY } from '../../page-policy.ts';
import { STYLE } from '../../sign-in/style.ts';
import { SIGN_IN_PATH } from '../urls.ts';
import { type SignInWays, signInPage } from './page.ts';
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

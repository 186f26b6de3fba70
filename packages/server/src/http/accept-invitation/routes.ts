import type { FastifyInstance } from 'fastify';
import { PAGE_POLICY } from '../page-policy.ts';
import { PAGE } from '../pages/accept-invitation/page.ts';
import { SCRIPT } from '../pages/accept-invitation/script.ts';
import { ACCEPT_PATH } from './url.ts';

/** The page that invitation links open. It needs no credential: the token is never sent to the server. */
export function acceptInvitationRoutes(app: FastifyInstance): void {
  app.get(ACCEPT_PATH, async (_request, reply) =>
    reply.header('Content-Security-Policy', PAGE_POLICY).type('text/html; charset=utf-8').send(PAGE),
  );
  app.get(`${ACCEPT_PATH}/script.js`, async (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(SCRIPT),
  );
}

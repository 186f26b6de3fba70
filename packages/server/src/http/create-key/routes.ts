import type { FastifyInstance } from 'fastify';
import { PAGE_POLICY } from '../page-policy.ts';
import { PAGE } from '../pages/create-key/page.ts';
import { SCRIPT } from '../pages/create-key/script.ts';
import { CREATE_KEY_PATH } from './url.ts';

/** The page on which a signed-in person creates their own key. Public: its script loads all data with the session. */
export function createKeyRoutes(app: FastifyInstance): void {
  app.get(CREATE_KEY_PATH, async (_request, reply) =>
    reply
      .headers({ 'Content-Security-Policy': PAGE_POLICY, 'Cache-Control': 'no-store' })
      .type('text/html; charset=utf-8')
      .send(PAGE),
  );
  app.get(`${CREATE_KEY_PATH}/script.js`, async (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(SCRIPT),
  );
}

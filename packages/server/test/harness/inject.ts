import type { FastifyInstance } from 'fastify';
import { type InjectOptions, inject as injectInto, type Response } from 'light-my-request';

/** Sends one request to the whole server, including the handlers that run before the framework, without a connection. */
export async function inject(app: FastifyInstance, options: InjectOptions): Promise<Response> {
  await app.ready();
  return injectInto((request, response) => app.server.emit('request', request, response), options);
}

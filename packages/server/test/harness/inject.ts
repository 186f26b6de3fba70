import type { FastifyInstance } from 'fastify';
import { type InjectOptions, inject as injectInto, type Response } from 'light-my-request';

/** One request to the whole server, with all that stands in front of the framework, but without a connection. */
export async function inject(app: FastifyInstance, options: InjectOptions): Promise<Response> {
  await app.ready();
  return injectInto((request, response) => app.server.emit('request', request, response), options);
}

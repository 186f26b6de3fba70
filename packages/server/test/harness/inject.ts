import { type InjectOptions, inject as injectInto, type Response } from 'light-my-request';
import type { HttpServer } from '../../src/http/server.ts';

/** Sends one request to the whole server without a connection. */
export async function inject({ server }: HttpServer, options: InjectOptions | string): Promise<Response> {
  return injectInto((request, response) => server.emit('request', request, response), options);
}

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { ApiKeyBody } from '@latchkey/contract';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { requireKey as expressKey } from '../../src/express.ts';
import { requireKey as fastifyKey, latchkeyPlugin } from '../../src/fastify.ts';
import { withKey } from '../../src/fetch.ts';
import { requireKey as honoKey } from '../../src/hono.ts';
import type { KeyVerifier, RequireKeyOptions } from '../../src/protect/options.ts';

/** The routes of each app, with what each needs. */
const ROUTES = {
  '/any': {},
  '/calls': { permissions: ['calls:read'] },
  '/two': { permissions: ['calls:read', 'calls:write'] },
  '/costly': { cost: 3 },
  '/header': { header: 'X-API-Key' },
  '/allowing': { whenUnavailable: 'allow' },
  '/misspelled': { permissions: ['no-such:permission'] },
} as const satisfies Record<string, RequireKeyOptions>;

/** What a handler knows about the key of its request: every app responds with it. */
export interface Seen {
  readonly keyId: string | null;
  readonly unverified: boolean;
}

function seen(apiKey: ApiKeyBody | undefined, unverified: true | undefined): Seen {
  return { keyId: apiKey?.id ?? null, unverified: unverified === true };
}

/** An HTTP server, not yet listening, with all `ROUTES`. */
type AppOf = (latchkey: KeyVerifier) => Server | Promise<Server>;

const expressApp: AppOf = (latchkey) => {
  const app = express();
  for (const [path, options] of Object.entries(ROUTES)) {
    app.all(path, expressKey(latchkey, options), (request, response) => {
      response.json(seen(request.apiKey, request.apiKeyUnverified));
    });
  }
  return createServer(app);
};

const fastifyRoutes: AppOf = async (latchkey) => {
  const app = fastify();
  await app.register(latchkeyPlugin, { latchkey });
  await app.register(async (scope) => {
    for (const [url, requireKey] of Object.entries(ROUTES)) {
      scope.all(url, { config: { requireKey } }, async (request) =>
        seen(request.apiKey, request.apiKeyUnverified),
      );
    }
  });
  await app.ready();
  return app.server;
};

const fastifyHooks: AppOf = async (latchkey) => {
  const app = fastify();
  for (const [url, options] of Object.entries(ROUTES)) {
    const preHandler = fastifyKey(latchkey, options);
    app.all(url, { preHandler }, async (request) => seen(request.apiKey, request.apiKeyUnverified));
  }
  await app.ready();
  return app.server;
};

const honoApp: AppOf = (latchkey) => {
  const app = new Hono();
  for (const [path, options] of Object.entries(ROUTES)) {
    app.all(path, honoKey(latchkey, options as RequireKeyOptions), (context) =>
      context.json(seen(context.get('apiKey'), context.get('apiKeyUnverified'))),
    );
  }
  return createAdaptorServer({ fetch: app.fetch }) as Server;
};

const fetchApp: AppOf = (latchkey) => {
  const handlers = new Map(
    Object.entries(ROUTES).map(([path, options]) => [
      path,
      withKey(latchkey, options as RequireKeyOptions, (request: Request) => answerTo(request)),
    ]),
  );
  const notFound = async () => new Response(null, { status: 404 });
  const serve = (request: Request) => (handlers.get(new URL(request.url).pathname) ?? notFound)(request);
  return createAdaptorServer({ fetch: serve }) as Server;
};

function answerTo(request: Request & { apiKey?: ApiKeyBody; apiKeyUnverified?: true }): Response {
  return Response.json(seen(request.apiKey, request.apiKeyUnverified));
}

export const APPS = {
  express: expressApp,
  'fastify, as a plugin': fastifyRoutes,
  'fastify, as a preHandler': fastifyHooks,
  hono: honoApp,
  fetch: fetchApp,
} as const satisfies Record<string, AppOf>;

export type AppName = keyof typeof APPS;

export interface RunningApp {
  readonly url: string;
  close(): void;
}

/** Starts the app on a free port. Close it at the end. */
export async function startApp(name: AppName, latchkey: KeyVerifier): Promise<RunningApp> {
  const server = await APPS[name](latchkey);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

import type { ApiKeyBody } from '@latchkey/contract';
import type { Request as ExpressRequest } from 'express';
import fastify, { type FastifyRequest } from 'fastify';
import { Hono } from 'hono';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { apiKey as apiKeySample } from '../test/peer.ts';
import { Latchkey } from './client.ts';
import { latchkeyPlugin } from './fastify.ts';
import { withKey } from './fetch.ts';
import { requireKey } from './hono.ts';
import type { RequireKeyOptions } from './protect/options.ts';

const latchkey = new Latchkey({ url: 'http://latchkey.test', key: 'lk_live_client' });

describe('the type of the verified key', () => {
  test('of Express and Fastify may be undefined, because not every route requires a key', () => {
    expectTypeOf<ExpressRequest['apiKey']>().toEqualTypeOf<ApiKeyBody | undefined>();
    expectTypeOf<FastifyRequest['apiKey']>().toEqualTypeOf<ApiKeyBody | undefined>();
  });

  test('of Hono is a key, or may be undefined with whenUnavailable: allow', () => {
    const app = new Hono();
    app.get('/', requireKey(latchkey), (context) => {
      expectTypeOf(context.get('apiKey')).toEqualTypeOf<ApiKeyBody>();
      return context.text(context.get('apiKey').userId);
    });
    app.get('/', requireKey(latchkey, { cost: 2 }), (context) => {
      expectTypeOf(context.get('apiKey')).toEqualTypeOf<ApiKeyBody>();
      return context.text('');
    });
    app.get('/', requireKey(latchkey, { whenUnavailable: 'allow' }), (context) => {
      expectTypeOf(context.get('apiKey')).toEqualTypeOf<ApiKeyBody | undefined>();
      return context.text('');
    });
  });

  test('of fetch is a key, or may be undefined with whenUnavailable: allow or options made elsewhere', () => {
    withKey(latchkey, { permissions: ['calls:read'] }, (request) => {
      expectTypeOf(request.apiKey).toEqualTypeOf<ApiKeyBody>();
      return new Response();
    });
    withKey(latchkey, { whenUnavailable: 'allow' }, (request) => {
      expectTypeOf(request.apiKey).toEqualTypeOf<ApiKeyBody | undefined>();
      return new Response();
    });
    const options: RequireKeyOptions = {};
    withKey(latchkey, options, (request, env: { name: string }) => {
      expectTypeOf(request.apiKey).toEqualTypeOf<ApiKeyBody | undefined>();
      return new Response(env.name);
    });
  });
});

describe('the plugin of Fastify', () => {
  test.each<[string, unknown]>([
    ['a misspelled option', { permission: ['calls:read'] }],
    ['undefined', undefined],
    ['true', true],
  ])('rejects a route whose requireKey is %s', async (_, requireKey) => {
    const app = fastify();
    await app.register(latchkeyPlugin, { latchkey });
    const config = { requireKey } as { requireKey: RequireKeyOptions };
    expect(() => app.get('/', { config }, async () => 'in')).toThrow(TypeError);
  });

  test('leaves a route without requireKey open, and needs no key there', async () => {
    const app = fastify();
    await app.register(latchkeyPlugin, { latchkey });
    app.get('/', async ({ apiKey }) => ({ apiKey: apiKey ?? null }));
    expect((await app.inject('/')).json()).toEqual({ apiKey: null });
  });

  test('verifies before the body is read: a denied request with an invalid body is denied for its key', async () => {
    const app = fastify();
    await app.register(latchkeyPlugin, { latchkey });
    app.post('/', { config: { requireKey: {} } }, async () => 'in');
    const headers = { 'content-type': 'application/json' };
    expect((await app.inject({ method: 'POST', url: '/', headers, payload: '{' })).statusCode).toBe(401);
  });
});

describe('the handler of fetch', () => {
  test('passes on further arguments, and reads no apiKey that the caller put on the request', async () => {
    const handler = withKey(latchkey, {}, (request, env: string) => new Response(env + request.apiKey.id));
    const request = Object.assign(new Request('http://api.test'), { apiKey: apiKeySample as ApiKeyBody });
    expect((await handler(request, 'env')).status).toBe(401);
  });
});

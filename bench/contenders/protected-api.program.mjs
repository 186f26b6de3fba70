/**
 * An API of one route with a fixed answer, in the framework that BENCH_FRAMEWORK names. BENCH_PROTECTION says whether it has
 * our middleware: `none`, `batched` (as it is), or `single` (every key is verified with a call of its own).
 */
import { createServer } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { Latchkey } from '@latchkey/sdk';
import { requireKey as expressKey } from '@latchkey/sdk/express';
import { requireKey as fastifyKey } from '@latchkey/sdk/fastify';
import { requireKey as honoKey } from '@latchkey/sdk/hono';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { ANSWER, listen } from './program.mjs';

const ROUTE = '/api/v2/api-keys/check';
const { BENCH_FRAMEWORK, BENCH_PROTECTION = 'none', LATCHKEY_URL = '', LATCHKEY_KEY = '' } = process.env;
const isProtected = BENCH_PROTECTION !== 'none';
const latchkey = new Latchkey({ url: LATCHKEY_URL, key: LATCHKEY_KEY });
/** @type {import('@latchkey/sdk/express').KeyVerifier} */
const single = {
  keys: { verifyMany: (checks) => Promise.all(checks.map((check) => latchkey.keys.verify(check))) },
};
const verifier = BENCH_PROTECTION === 'single' ? single : latchkey;
const answer = JSON.parse(ANSWER);

const servers = {
  express() {
    const app = express();
    if (isProtected) app.use(expressKey(verifier));
    app.get(ROUTE, (_, response) => void response.json(answer));
    return createServer(app);
  },
  async fastify() {
    const app = fastify();
    app.get(ROUTE, isProtected ? { onRequest: fastifyKey(verifier) } : {}, async () => answer);
    await app.ready();
    return app.server;
  },
  hono() {
    const app = new Hono();
    if (isProtected) app.use(honoKey(verifier));
    app.get(ROUTE, (context) => context.json(answer));
    return createAdaptorServer({ fetch: app.fetch });
  },
};

const make = Object.entries(servers).find(([name]) => name === BENCH_FRAMEWORK)?.[1];
if (!make) throw new Error(`BENCH_FRAMEWORK must be one of ${Object.keys(servers).join(', ')}`);
listen(/** @type {import('node:http').Server} */ (await make()));

import { Latchkey } from '@latchkey/sdk';
import { latchkeyPlugin } from '@latchkey/sdk/fastify';
import fastify from 'fastify';

const { LATCHKEY_URL = 'http://127.0.0.1:7400', LATCHKEY_KEY, PORT = '3000' } = process.env;
const latchkey = new Latchkey({ url: LATCHKEY_URL, key: LATCHKEY_KEY, timeoutMs: 2_000 });

const app = fastify();
await app.register(latchkeyPlugin, { latchkey });

app.get('/', async () => ({ message: 'This route needs no key' }));

app.get('/calls', { config: { requireKey: { permissions: ['calls:read'] } } }, async (request) => ({
  message: `Hello, ${request.apiKey.name}`,
}));

const address = await app.listen({ port: Number(PORT), host: '127.0.0.1' });
console.log(`Listening on ${address}`);

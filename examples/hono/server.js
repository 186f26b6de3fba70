import { serve } from '@hono/node-server';
import { Latchkey } from '@latchkey/sdk';
import { requireKey } from '@latchkey/sdk/hono';
import { Hono } from 'hono';

const { LATCHKEY_URL = 'http://127.0.0.1:7400', LATCHKEY_KEY, PORT = '3000' } = process.env;
const latchkey = new Latchkey({ url: LATCHKEY_URL, key: LATCHKEY_KEY, timeoutMs: 2_000 });

const app = new Hono();

app.get('/', (context) => context.json({ message: 'This route needs no key' }));

app.get('/calls', requireKey(latchkey, { permissions: ['calls:read'] }), (context) =>
  context.json({ message: `Hello, ${context.get('apiKey').name}` }),
);

serve({ fetch: app.fetch, port: Number(PORT), hostname: '127.0.0.1' }, ({ port }) => {
  console.log(`Listening on http://127.0.0.1:${port}`);
});

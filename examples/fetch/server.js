import { serve } from '@hono/node-server';
import { Latchkey } from '@latchkey/sdk';
import { withKey } from '@latchkey/sdk/fetch';

const { LATCHKEY_URL = 'http://127.0.0.1:7400', LATCHKEY_KEY, PORT = '3000' } = process.env;
const latchkey = new Latchkey({ url: LATCHKEY_URL, key: LATCHKEY_KEY, timeoutMs: 2_000 });

const calls = withKey(latchkey, { permissions: ['calls:read'] }, (request) =>
  Response.json({ message: `Hello, ${request.apiKey.name}` }),
);

/** A handler of this form also runs in Bun, Deno, Cloudflare Workers and Next.js. */
function handle(request) {
  const { pathname } = new URL(request.url);
  if (pathname === '/') return Response.json({ message: 'This route needs no key' });
  if (pathname === '/calls') return calls(request);
  return new Response(null, { status: 404 });
}

serve({ fetch: handle, port: Number(PORT), hostname: '127.0.0.1' }, ({ port }) => {
  console.log(`Listening on http://127.0.0.1:${port}`);
});

import { Latchkey } from '@latchkey/sdk';
import { requireKey } from '@latchkey/sdk/express';
import express from 'express';

const { LATCHKEY_URL = 'http://127.0.0.1:7400', LATCHKEY_KEY, PORT = '3000' } = process.env;
const latchkey = new Latchkey({ url: LATCHKEY_URL, key: LATCHKEY_KEY, timeoutMs: 2_000 });

const app = express();

app.get('/', (_request, response) => {
  response.json({ message: 'This route needs no key' });
});

app.get('/calls', requireKey(latchkey, { permissions: ['calls:read'] }), (request, response) => {
  response.json({ message: `Hello, ${request.apiKey.name}` });
});

const server = app.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`Listening on http://127.0.0.1:${server.address().port}`);
});

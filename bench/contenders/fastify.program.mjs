/** Fastify with a fixed answer that a schema serialises: what its routing and hooks cost. */
import fastify from 'fastify';
import { ANSWER, listen } from './program.mjs';

const answer = JSON.parse(ANSWER);
const app = fastify();
app.get('/api/v2/api-keys/check', { schema: { response: { 200: schemaOf(answer) } } }, async () => answer);
await app.ready();
listen(app.server);

/** @param {unknown} value @returns {object} a schema that names everything in the value */
function schemaOf(value) {
  if (value === null) return { type: 'null' };
  if (typeof value !== 'object') return { type: typeof value };
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, schemaOf(inner)])),
  };
}

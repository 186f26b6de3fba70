import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestService, type TestService } from '../harness/test-service.ts';

const ajv = new Ajv2020({ allErrors: true, strictTypes: false });
formats.default(ajv);
const validate = ajv.compile(
  JSON.parse(readFileSync(new URL('seed-create-api-key.schema.json', import.meta.url), 'utf8')),
);

/** Fields beyond the seed page: additive, each of them ours. */
const ADDED = ['createdBy', 'revokedAt', 'revokedReason', 'status', 'use'];

let service: TestService;

beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.close());

describe('POST /api/v2/api-keys', () => {
  test.each([
    ['the least that the page asks for', {}],
    [
      'all that the page shows',
      {
        expiresAt: '2027-01-01T00:00:00Z',
        rateLimit: { requestsPerMinute: 123, requestsPerDay: 123 },
        permissions: [],
      },
    ],
  ])(
    "answers %s with the seed page's response, every field and no other than our own",
    async (_what, body) => {
      const answer = await service.call('POST', '/api/v2/api-keys', {
        as: service.owner.secret,
        body: { name: 'x', userId: service.owner.userId, ...body },
      });
      expect(answer.status).toBe(201);
      expect(validate(answer.body), JSON.stringify(validate.errors)).toBe(true);
      const { apiKey, key } = answer.body.data.result;
      expect(apiKey.key).toBe(key);
      const known = Object.keys(schemaOfApiKey());
      expect(Object.keys(apiKey).filter((field) => !known.includes(field))).toEqual(ADDED);
    },
  );

  test('a response without any one of the fields does not match the schema', async () => {
    const { body } = await service.call('POST', '/api/v2/api-keys', {
      as: service.owner.secret,
      body: { name: 'x', userId: service.owner.userId },
    });
    for (const field of Object.keys(schemaOfApiKey())) {
      const { [field]: _, ...apiKey } = body.data.result.apiKey;
      expect(
        validate({ ...body, data: { ...body.data, result: { ...body.data.result, apiKey } } }),
        field,
      ).toBe(false);
    }
  });
});

function schemaOfApiKey(): Record<string, unknown> {
  const schema = validate.schema as unknown as {
    properties: {
      data: { properties: { result: { properties: { apiKey: { properties: Record<string, unknown> } } } } };
    };
  };
  return schema.properties.data.properties.result.properties.apiKey.properties;
}

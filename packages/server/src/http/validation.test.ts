import { ENDPOINTS, type Endpoint } from '@latchkey/contract';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { lazyValidator } from './validation.ts';

const schemasOf = ({ id, params, query, body }: Endpoint) =>
  Object.entries({ params, query, body }).flatMap(([part, schema]) =>
    schema ? [{ id, part, schema: schema as object }] : [],
  );

test.each(ENDPOINTS.flatMap(schemasOf))(
  'the schema of $part of $id is valid, and compiles when it is first needed',
  ({ part, schema }) => {
    expect(new Ajv({ strict: false }).validateSchema(schema)).toBe(true);
    expect(() => lazyValidator(schema, part)({})).not.toThrow();
  },
);

test('what is compiled later refuses as what is compiled at once', () => {
  const schema = { type: 'object', additionalProperties: false, properties: { name: { type: 'string' } } };
  const validate = lazyValidator(schema, 'body');
  expect([validate({ name: 'Ada' }), validate({ name: 1 })?.message, validate({ nam: '' })?.code]).toEqual([
    null,
    'name must be string',
    'FIELD_UNKNOWN',
  ]);
});

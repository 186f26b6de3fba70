import { ENDPOINTS, type Endpoint } from '@latchkey/contract';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { lazyValidator } from './validation.ts';

const schemasOf = ({ id, params, query, body }: Endpoint) =>
  Object.entries({ params, query, body }).flatMap(([part, schema]) =>
    schema ? [{ id, part, schema: schema as object }] : [],
  );

test.each(ENDPOINTS.flatMap(schemasOf))(
  'the schema of $part of $id is valid, and is compiled at its first use',
  ({ part, schema }) => {
    expect(new Ajv({ strict: false }).validateSchema(schema)).toBe(true);
    expect(() => lazyValidator(schema, part)({})).not.toThrow();
  },
);

test('a lazily compiled validator returns the same errors as one compiled at once', () => {
  const schema = { type: 'object', additionalProperties: false, properties: { name: { type: 'string' } } };
  const validate = lazyValidator(schema, 'body');
  expect([validate({ name: 'Ada' }), validate({ name: 1 })?.message, validate({ nam: '' })?.code]).toEqual([
    null,
    'name must be string',
    'FIELD_UNKNOWN',
  ]);
});

describe('the details of an error', () => {
  const list = (maxItems: number) =>
    lazyValidator({ type: 'array', maxItems, items: { type: 'string', enum: ['a', 'b'] } }, 'body');

  test('are up to 20 if the data is small', () => {
    const error = list(1_000)(Array.from({ length: 100 }, () => 'x'));
    expect(error?.details).toHaveLength(20);
    expect(error?.details[19]).toEqual({ field: '[19]', message: 'must be one of a, b, not "x"' });
  });

  test('are only the first one if the data is large', () => {
    const error = list(1_000)(Array.from({ length: 1_000 }, () => 'x'));
    expect(error?.details).toEqual([{ field: '[0]', message: 'must be one of a, b, not "x"' }]);
    expect(list(1_000)(['x'.repeat(20_000), 'x'])?.details).toHaveLength(1);
  });

  test('name the length of a list before its items', () => {
    const error = list(3)(Array.from({ length: 10_000 }, () => 1));
    expect(error?.message).toBe('body must NOT have more than 3 items');
  });

  test('echo no key, even from a text that is too long to be redacted completely', () => {
    const key = `lk_live_${'aB3'.repeat(16)}x`;
    const message = list(3)([`${key}${' '.repeat(100_000)}`])?.message;
    expect(message).toContain('lk_live_…');
    expect(message).not.toContain(key.slice(0, 30));
  });
});

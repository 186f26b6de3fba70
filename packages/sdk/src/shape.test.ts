import { describe, expect, test } from 'vitest';
import { hasShape } from './shape.ts';

const schema = {
  type: 'object',
  required: ['valid', 'names'],
  properties: {
    valid: { type: 'boolean', const: true },
    names: { type: 'array', items: { type: 'string', enum: ['a'] } },
    limit: { type: ['integer', 'null'] },
  },
};

describe('hasShape', () => {
  test.each([
    ['all required fields', { valid: true, names: [] }],
    ['null for a nullable field', { valid: true, names: ['a'], limit: null }],
    ['an unknown field', { valid: true, names: [], extra: 1 }],
    ['an unknown enum value', { valid: true, names: ['b'] }],
  ])('accepts %s', (_, value) => {
    expect(hasShape(schema, value)).toBe(true);
  });

  test.each([
    ['a missing field', { valid: true }],
    ['another constant', { valid: false, names: [] }],
    ['a truthy value for true', { valid: 1, names: [] }],
    ['an object for a list', { valid: true, names: {} }],
    ['a wrong type deep inside', { valid: true, names: [1] }],
    ['a fraction for an integer', { valid: true, names: [], limit: 1.5 }],
    ['null', null],
    ['a list', []],
  ])('rejects %s', (_, value) => {
    expect(hasShape(schema, value)).toBe(false);
  });

  test('ignores inherited fields', () => {
    expect(hasShape({ type: 'object', required: ['toString'] }, {})).toBe(false);
  });
});

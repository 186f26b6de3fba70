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
    ['all that is required', { valid: true, names: [] }],
    ['null where null is allowed', { valid: true, names: ['a'], limit: null }],
    ['a field that only a newer service knows', { valid: true, names: [], extra: 1 }],
    ['a value that only a newer service knows', { valid: true, names: ['b'] }],
  ])('lets %s pass', (_, value) => {
    expect(hasShape(schema, value)).toBe(true);
  });

  test.each([
    ['a missing field', { valid: true }],
    ['another constant', { valid: false, names: [] }],
    ['a truthy stand-in for true', { valid: 1, names: [] }],
    ['an object for a list', { valid: true, names: {} }],
    ['a wrong type deep inside', { valid: true, names: [1] }],
    ['a fraction for an integer', { valid: true, names: [], limit: 1.5 }],
    ['null', null],
    ['a list', []],
  ])('refuses %s', (_, value) => {
    expect(hasShape(schema, value)).toBe(false);
  });

  test('does not take inherited fields for given ones', () => {
    expect(hasShape({ type: 'object', required: ['toString'] }, {})).toBe(false);
  });
});

import { BUILT_IN_CATALOGUE, catalogueOf, describePermission } from '@latchkey/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PermissionBits } from './permission-bits.ts';

const names = Array.from({ length: 300 }, (_, index) => `thing${index}:read`);

describe('PermissionBits', () => {
  test('unpacks any set of any catalogue, in the order of the catalogue', () => {
    fc.assert(
      fc.property(fc.subarray(names), fc.infiniteStream(fc.boolean()), (catalogued, isHeld) => {
        const bits = new PermissionBits(catalogueOf(catalogued.map(describePermission)));
        const held = catalogued.filter(() => isHeld.next().value);
        expect(bits.listOf(bits.pack([...held].reverse()))).toEqual(held);
      }),
    );
  });

  test('omits permissions that the catalogue does not have', () => {
    const bits = new PermissionBits(BUILT_IN_CATALOGUE);
    expect(bits.listOf(bits.pack(['agents:read', 'gone:read']))).toEqual(['agents:read']);
  });

  test('takes one byte for eight permissions', () => {
    const bits = new PermissionBits(BUILT_IN_CATALOGUE);
    expect(bits.pack(BUILT_IN_CATALOGUE.permissions)).toHaveLength(Math.ceil(101 / 8));
  });

  test('returns the same list object for the same set', () => {
    const bits = new PermissionBits(BUILT_IN_CATALOGUE);
    const held = bits.pack(['agents:read']);
    expect(bits.listOf(held)).toBe(bits.listOf(bits.pack(['agents:read'])));
  });
});

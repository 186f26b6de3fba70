import { describe, expect, test } from 'vitest';
import { aKey, UNTOUCHED } from '../../storage/suites/suite-database.ts';
import { verify } from './verify.ts';

const NOW = 1_000;
const owner = { id: 'usr_1', email: 'a@example.com', displayName: 'A' };
const key = aKey('ws_1', owner, { permissions: ['calls:read'] });
const record = { key, secretRetiresAt: null, status: UNTOUCHED };
const question = { workspaceId: 'ws_1', permissions: [] };

/** The steps of the decision are tested in the contract. */
describe('verify', () => {
  test('no record is KEY_INVALID', () => {
    expect(verify(null, question, NOW)).toEqual({ code: 'KEY_INVALID', key: null, holds: [], missing: [] });
  });

  test('a key of another workspace, or one edited in the database, gets the same verdict as an unknown key', () => {
    expect(verify(record, { ...question, workspaceId: 'ws_2' }, NOW)).toEqual(verify(null, question, NOW));
    const edited = { ...record, key: { ...key, isIntact: false } };
    expect(verify(edited, question, NOW)).toEqual(verify(null, question, NOW));
  });

  test('a key that exists is in the decision, with the permissions that it can use and those that it lacks', () => {
    expect(verify(record, question, NOW)).toEqual({ code: 'VALID', key, holds: ['calls:read'], missing: [] });
    const asked = { ...question, permissions: ['calls:read', 'calls:write', 'agents:read'] };
    expect(verify(record, asked, NOW)).toMatchObject({
      code: 'PERMISSION_DENIED',
      key,
      missing: ['calls:write', 'agents:read'],
    });
    const capped = { ...record, status: { ...UNTOUCHED, cap: new Set<string>() } };
    expect(verify(capped, question, NOW)).toMatchObject({ code: 'VALID', holds: [] });
  });
});

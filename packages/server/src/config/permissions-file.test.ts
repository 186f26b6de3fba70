import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUILT_IN_CATALOGUE, DEMANDED_PERMISSIONS, PERMISSIONS_MAX } from '@latchkey/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OperatorError } from '../domain/shared/operator-error.ts';
import { readPermissionsFile } from './permissions-file.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-'));
  path = join(folder, 'permissions.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

const readJson = (content: unknown) => {
  writeFileSync(path, JSON.stringify(content));
  return readPermissionsFile(path);
};

/** A list that only has this wrong. */
const withEntry = (entry: unknown): unknown[] => [...DEMANDED_PERMISSIONS, entry];
const PLACE = `entry ${DEMANDED_PERMISSIONS.length + 1}`;

describe('a catalogue in a file', () => {
  test('keeps the order of the file, and has a title for each entry, given or made', () => {
    const { entries, permissions, indexOf } = readJson([
      'invoices:read',
      { id: 'tax-rates:write', title: ' Set tax rates ' },
      { id: 'invoices:void', resource: 'invoices', action: 'void', title: 'Void invoices' },
      ...DEMANDED_PERMISSIONS,
    ]);
    expect(entries.slice(0, 3)).toEqual([
      { id: 'invoices:read', resource: 'invoices', action: 'read', title: 'Invoices: read' },
      { id: 'tax-rates:write', resource: 'tax-rates', action: 'write', title: 'Set tax rates' },
      { id: 'invoices:void', resource: 'invoices', action: 'void', title: 'Void invoices' },
    ]);
    expect(permissions.map(indexOf)).toEqual(permissions.map((_, index) => index));
    expect(indexOf('calls:read')).toBe(-1);
  });

  test('can have the format of GET /permissions: the built-in catalogue is read back unchanged', () => {
    const { entries, systemRoles } = readJson({ permissions: BUILT_IN_CATALOGUE.entries });
    expect(entries).toEqual(BUILT_IN_CATALOGUE.entries);
    expect(systemRoles).toEqual(BUILT_IN_CATALOGUE.systemRoles);
  });

  test('gives the system roles what their rules say of any catalogue', () => {
    const { systemRoles, permissions } = readJson(withEntry('invoices:read'));
    const lacked = (name: keyof typeof systemRoles) =>
      permissions.filter((permission) => !systemRoles[name].permissions.includes(permission));
    expect(lacked('Owner')).toEqual([]);
    expect(lacked('Admin')).toEqual(['workspace:delete']);
    expect(lacked('Member')).toContain('api-keys:manage-others');
    expect(systemRoles.Viewer.permissions).toContain('invoices:read');
    expect(systemRoles.Viewer.permissions.every((permission) => permission.endsWith('read'))).toBe(true);
  });

  test('can have as many entries as a list in a request', () => {
    const many = Array.from(
      { length: PERMISSIONS_MAX - DEMANDED_PERMISSIONS.length },
      (_, i) => `r${i}:read`,
    );
    expect(readJson([...many, ...DEMANDED_PERMISSIONS]).permissions).toHaveLength(PERMISSIONS_MAX);
    expect(() => readJson([...many, ...DEMANDED_PERMISSIONS, 'one:more'])).toThrow(
      'it has 1001 entries; 1000 is the most',
    );
  });
});

describe('a file that cannot be used causes an error of one line that says what to change', () => {
  const messageOfError = (): string => {
    try {
      readPermissionsFile(path);
    } catch (error) {
      if (error instanceof OperatorError) return error.message;
      throw error;
    }
    return 'it was read';
  };
  const expectError = (what: string): void => {
    const message = messageOfError();
    expect(message).toContain(`the permissions file ${path} cannot be used: `);
    expect(message).toContain(what);
    expect(message).not.toMatch(/\n/);
  };

  test('one that is not there, and one that is a folder', () => {
    expectError('it cannot be read (ENOENT); correct LATCHKEY_PERMISSIONS_FILE');
    path = folder;
    expectError('it cannot be read (EISDIR)');
  });

  test.each([
    ['', 'it is not JSON: Unexpected end'],
    ['["a:b",\n]', 'it is not JSON: Unexpected token'],
    ['calls:read\ncalls:write\n', 'it is not JSON'],
    [Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]), 'it is not UTF-8'],
  ])('%j', (content, what) => {
    writeFileSync(path, content);
    expectError(what);
  });

  test.each<[unknown, string]>([
    ['calls:read', 'it must hold a list'],
    [{ permission: [] }, 'it must hold a list'],
    [null, 'it must hold a list'],
    [[], 'it lacks what Latchkey itself asks for; add api-keys:write'],
    [DEMANDED_PERMISSIONS.filter((name) => name !== 'api-keys:manage-others'), 'add api-keys:manage-others'],
    [withEntry('Calls:read'), `${PLACE}, "Calls:read", must be resource:action, such as calls:read`],
    [withEntry('calls'), `${PLACE}, "calls", must be`],
    [withEntry('calls:read:all'), `${PLACE}, "calls:read:all", must be`],
    [withEntry('calls:*'), `${PLACE}, "calls:*", must be`],
    [withEntry('calls:read#2'), `${PLACE}, "calls:read#2", must be`],
    [withEntry('calls:read '), `${PLACE}, "calls:read ", must be`],
    [withEntry(`calls:${'x'.repeat(55)}`), 'at most 60 characters'],
    [withEntry({ title: 'x' }), `${PLACE}, without an id, must be`],
    [withEntry({ id: 7 }), `${PLACE}, 7, must be`],
    [withEntry(7), `${PLACE} must be a name or an object`],
    [withEntry(['a:b']), `${PLACE} must be a name or an object`],
    [withEntry({ id: 'a:b', tilte: 'x' }), `${PLACE} has the field tilte; only id, resource, action, title`],
    [withEntry({ id: 'a:b', resource: 'c' }), `${PLACE} has another resource than its id a:b; leave it out`],
    [withEntry({ id: 'a:b', title: 7 }), `${PLACE}: title must be a text`],
    [withEntry({ id: 'a:b', title: ' ' }), `${PLACE}: title must not be empty`],
    [withEntry({ id: 'a:b', title: 'x\u202E' }), `${PLACE}: title must not contain control characters`],
    [withEntry(DEMANDED_PERMISSIONS[0]), `${PLACE} repeats ${DEMANDED_PERMISSIONS[0]} of entry 1`],
  ])('%j', (content, what) => {
    writeFileSync(path, JSON.stringify(content));
    expectError(what);
  });
});

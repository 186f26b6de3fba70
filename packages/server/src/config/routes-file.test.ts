import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUILT_IN_CATALOGUE } from '@latchkey/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OperatorError } from '../domain/shared/operator-error.ts';
import { readRoutesFile } from './routes-file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function readText(text: string) {
  const path = join(folder, 'routes.json');
  writeFileSync(path, text);
  return readRoutesFile(path, BUILT_IN_CATALOGUE);
}

const ROUTE = { method: 'GET', path: '/calls/{id}', permissions: ['calls:read'] };
const readRoutes = (...routes: unknown[]) => readText(JSON.stringify({ routes }));

describe('a route map', () => {
  test('has method, path, permissions and cost of each route; a cost is 1 unless it is given', () => {
    expect(readRoutes(ROUTE, { method: '*', path: '/reports/**', permissions: [], cost: 5 })).toEqual([
      { ...ROUTE, cost: 1 },
      { method: '*', path: '/reports/**', permissions: [], cost: 5 },
    ]);
  });

  test.each([
    ['another method', { ...ROUTE, method: 'POST' }],
    ['all methods', { ...ROUTE, method: '*' }],
    ['a fixed segment', { ...ROUTE, path: '/calls/new' }],
    ['all further segments', { ...ROUTE, path: '/calls/**' }],
  ])('may have a second route with %s', (_what, second) => {
    expect(readRoutes(ROUTE, second)).toHaveLength(2);
  });
});

test('the example in docs/gateways/README.md is a route map', () => {
  const guide = readFileSync(new URL('../../../../docs/gateways/README.md', import.meta.url), 'utf8');
  const [, example = ''] = /^```json\n(.*?)^```/ms.exec(guide) ?? [];
  expect(readText(example)).toHaveLength(3);
});

const PLACE = /^the route map .*routes\.json cannot be used: /;

describe('a start is denied, with one line that names the route and what to change, for', () => {
  test.each([
    ['text that is not JSON', '{', /it is not JSON/],
    ['a list', '[]', /must be an object with a list/],
    ['an empty list', '{"routes":[]}', /must be an object with a list/],
    ['another field', '{"routes":[],"default":"allow"}', /the field default; only routes is known/],
  ])('%s', (_what, text, message) => {
    expect(() => readText(text)).toThrow(OperatorError);
    expect(() => readText(text)).toThrow(PLACE);
    expect(() => readText(text)).toThrow(message);
  });

  test('a file that cannot be read', () => {
    const path = join(folder, 'none.json');
    expect(() => readRoutesFile(path, BUILT_IN_CATALOGUE)).toThrow(
      /cannot be read \(ENOENT\); correct LATCHKEY_ROUTES_FILE/,
    );
  });

  test.each([
    ['a route that is a text', 'GET /calls', /route 2 must be an object/],
    ['an unknown field', { ...ROUTE, permission: 'calls:read' }, /route 2 has the field permission; only/],
    ['no method', { path: '/a', permissions: [] }, /route 2: method must be an HTTP method/],
    ['a method in lower case', { ...ROUTE, method: 'get' }, /route 2: method/],
    ['an unknown method', { ...ROUTE, method: 'FETCH' }, /route 2: method/],
    ['no path', { method: 'GET', permissions: [] }, /route 2: path must be a text that begins with a slash/],
    ['a path without a slash', { ...ROUTE, path: 'calls' }, /begins with a slash/],
    ['an empty segment', { ...ROUTE, path: '/calls//{id}' }, /has the segment ""/],
    ['a dot segment', { ...ROUTE, path: '/calls/..' }, /has the segment "\.\."/],
    ['** before the end', { ...ROUTE, path: '/calls/**/x' }, /has the segment "\*\*"/],
    ['a single star', { ...ROUTE, path: '/calls/*' }, /\{name\} for any one segment/],
    ['a parameter in a part of a segment', { ...ROUTE, path: '/calls/a{id}' }, /has the segment "a\{id\}"/],
    ['a query', { ...ROUTE, path: '/calls?x' }, /has the segment "calls\?x"/],
    ['an encoded character', { ...ROUTE, path: '/caf%C3%A9' }, /has the segment/],
    [
      'no permissions',
      { method: 'GET', path: '/a' },
      /route 2: permissions must be a list; \[\] lets every valid key/,
    ],
    ['permissions as a text', { ...ROUTE, permissions: 'calls:read' }, /permissions must be a list/],
    ['an unknown permission', { ...ROUTE, permissions: ['calls:reed'] }, /"calls:reed" is not a permission/],
    ['a negative cost', { ...ROUTE, cost: -1 }, /route 2: cost must be a whole number from 0/],
    ['a cost as a text', { ...ROUTE, cost: '1' }, /cost must be a whole number/],
    ['the same route again', ROUTE, /route 2 matches the same requests as route 1/],
    ['the same route with another name', { ...ROUTE, path: '/calls/{call}' }, /same requests as route 1/],
    ['the same route in another case', { ...ROUTE, path: '/Calls/{id}' }, /same requests as route 1/],
    [
      'the same route with a slash at the end',
      { ...ROUTE, path: '/calls/{id}/' },
      /same requests as route 1/,
    ],
  ])('%s', (_what, second, message) => {
    expect(() => readRoutes(ROUTE, second)).toThrow(OperatorError);
    expect(() => readRoutes(ROUTE, second)).toThrow(PLACE);
    expect(() => readRoutes(ROUTE, second)).toThrow(message);
  });
});

import { describe, expect, test } from 'vitest';
import type { MappedRoute } from '../../domain/shared/mapped-route.ts';
import { RouteMap } from './route-map.ts';

const route = (method: string, path: string): MappedRoute => ({ method, path, permissions: [], cost: 1 });

const map = new RouteMap([
  route('GET', '/'),
  route('*', '/orders/{id}'),
  route('GET', '/orders/{order}'),
  route('GET', '/orders/new'),
  route('DELETE', '/orders/{id}/lines/{line}/'),
  route('GET', '/files/**'),
  route('GET', '/files/admin'),
  route('POST', '/files/batch:delete'),
  route('GET', '/v1.0/~me/a_b-c@d'),
]);

const find = (request: string): string | null => {
  const [method = '', target = ''] = request.split(' ');
  const found = map.find({ method, target });
  return found && `${found.method} ${found.path}`;
};

describe('the route of a request', () => {
  test.each([
    ['GET /', 'GET /'],
    ['GET /?a=/orders/1', 'GET /'],
    ['GET /orders/new', 'GET /orders/new'],
    ['GET /orders/newer', 'GET /orders/{order}'],
    ['HEAD /orders/5', 'GET /orders/{order}'],
    ['POST /orders/5', '* /orders/{id}'],
    ['PURGE /orders/5', '* /orders/{id}'],
    ['DELETE /orders/5/lines/6', 'DELETE /orders/{id}/lines/{line}/'],
    ['DELETE /orders/5/lines/6/?x', 'DELETE /orders/{id}/lines/{line}/'],
    ['GET /files/a/b/c', 'GET /files/**'],
    ['GET /files/admin/x', 'GET /files/**'],
    ['GET /files/admin/', 'GET /files/admin'],
    ['POST /files/batch:delete', 'POST /files/batch:delete'],
    ['GET /v1.0/~me/a_b-c@d', 'GET /v1.0/~me/a_b-c@d'],
    ['GET /files/caf%C3%A9%20menu', 'GET /files/**'],
    ['GET /orders/...', 'GET /orders/{order}'],
    ['GET /orders/.hidden', 'GET /orders/{order}'],
  ])('%s is %s', (request, expected) => {
    expect(find(request)).toBe(expected);
  });
});

describe('there is no route', () => {
  test.each([
    'GET /orders',
    'GET /orders/5/lines',
    'PUT /orders/new/x',
    'GET /files',
    'GET /files/',
    'FOO /orders/5',
    'get /orders/5',
    'PUT /files/a',
  ])('that is not mapped: %s', (request) => {
    expect(find(request)).toBeNull();
  });

  test.each([
    ['a doubled slash', ['//orders/5', '/orders//5', '/files/a//b', '/orders/5//', '//', '/files//']],
    [
      'a dot segment',
      ['/files/./a', '/files/../orders/5', '/orders/..', '/orders/.', '/files/a/..', '/files/a/./'],
    ],
    ['an encoded dot segment', ['/files/%2e%2e/orders', '/files/.%2E/a', '/files/%2e/a', '/orders/%2e']],
    [
      'an encoded slash or backslash',
      ['/files/a%2fb', '/files/a%2Fadmin', '/orders/5%5c', '/orders/a\\b', '/files/..\\x'],
    ],
    [
      'an encoded letter, digit or percent sign',
      ['/files/%61dmin', '/%6frders/5', '/orders/%35', '/files/%2561', '/orders/a%25'],
    ],
    [
      'a path parameter',
      ['/files/admin;x=1', '/orders/5;', '/files/a;/../admin', '/orders/5%3b', '/files/..;/a'],
    ],
    [
      'an encoded end of the path',
      ['/orders/5%3fx', '/orders/5%23', '/orders/5#x', '/files/a%00', '/files/a%0a', '/orders/5%7f'],
    ],
    [
      'a broken encoding',
      [
        '/orders/%',
        '/orders/%4',
        '/orders/%zz',
        '/orders/%c3',
        '/files/%c0%af',
        '/files/%e0%80%af',
        '/orders/%ed%a0%80',
      ],
    ],
    [
      'a character that no URL has',
      ['/orders/é', '/files/a"b', '/orders/<5>', '/orders/5\t', '/files/\u0000'],
    ],
    [
      'another form than a path',
      ['', '*', 'orders/5', 'http://example.com/orders/5', '?x', '.', '/orders/5 HTTP/1.1'],
    ],
    [
      'a fixed segment in another case beside a more general route',
      ['/files/ADMIN', '/files/Admin/', '/orders/NEW'],
    ],
  ])('for a path with %s', (_what, targets) => {
    for (const target of targets)
      expect([target, map.find({ method: 'GET', target })]).toEqual([target, null]);
  });
});

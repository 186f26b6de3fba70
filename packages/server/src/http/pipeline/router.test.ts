import { ENDPOINTS } from '@latchkey/contract';
import { expect, test } from 'vitest';
import type { Page } from '../pages/page.ts';
import { Router } from './router.ts';
import { bindRoute } from './run-route.ts';

const page: Page = { path: '/docs', answer: () => expect.unreachable() };
const routes = ENDPOINTS.map((endpoint) => bindRoute({ endpoint, handle: () => expect.unreachable() }));
const router = new Router(routes, [page]);

const idOf = (method: string, url: string) => {
  const match = router.find({ method, url });
  return match && 'route' in match ? match.route.endpoint.id : null;
};

test.each(ENDPOINTS.map((endpoint) => [endpoint.id, endpoint] as const))(
  'finds the endpoint of a request of %s, even if another endpoint has a parameter in the same place of its path',
  (_, endpoint) => {
    const url = `${endpoint.path.replaceAll(/\{\w+\}/g, 'some_1')}?limit=1`;
    expect(idOf(endpoint.method, url)).toBe(endpoint.id);
    if (endpoint.method === 'GET') expect(idOf('HEAD', url)).toBe(endpoint.id);
  },
);

test.each([
  ['GET', '/api/v2/nothing'],
  ['TRACE', '/api/v2/api-keys'],
  ['PURGE', '/api/v2/api-keys'],
  ['GET', '/api/v2/api-keys/'],
  ['GET', '/api/v2/api-keys//usage'],
  ['GET', '/API/v2/api-keys'],
])('%s %s has no route', (method, url) => expect(router.find({ method, url })).toBeNull());

test('returns the decoded parameters and the query, also of a target in absolute form', () => {
  const url = 'http://keys.example/api/v2/api-keys/a%20b?limit=1&limit=2';
  expect(router.find({ method: 'GET', url })).toMatchObject({
    params: { id: 'a b' },
    query: { limit: ['1', '2'] },
  });
});

test('finds pages by GET and HEAD only', () => {
  expect(router.find({ method: 'HEAD', url: '/docs?x=1' })).toMatchObject({ page });
  expect(router.find({ method: 'POST', url: '/docs' })).toBeNull();
});

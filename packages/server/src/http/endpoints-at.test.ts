import { ENDPOINTS } from '@latchkey/contract';
import { expect, test } from 'vitest';
import { endpointOf } from './endpoints-at.ts';

test.each(ENDPOINTS.map((endpoint) => [endpoint.id, endpoint] as const))(
  'a request of %s is found as that endpoint, also where the path of another one has a parameter in its place',
  (_, endpoint) => {
    const url = `${endpoint.path.replaceAll(/\{\w+\}/g, 'some_1')}?limit=1`;
    expect(endpointOf({ method: endpoint.method, url })?.id).toBe(endpoint.id);
  },
);

test('a path or method of no endpoint is none', () => {
  expect(endpointOf({ method: 'GET', url: '/api/v2/nothing' })).toBeUndefined();
  expect(endpointOf({ method: 'TRACE', url: '/api/v2/api-keys' })).toBeUndefined();
});

import { ENDPOINTS } from '@latchkey/contract';
import { expect, test } from 'vitest';
import { endpointOf } from './route.ts';

test.each(ENDPOINTS.map((endpoint) => [endpoint.id, endpoint] as const))(
  'finds the endpoint of a request of %s, even if another endpoint has a parameter in the same place of its path',
  (_, endpoint) => {
    const url = `${endpoint.path.replaceAll(/\{\w+\}/g, 'some_1')}?limit=1`;
    expect(endpointOf({ method: endpoint.method, url })?.id).toBe(endpoint.id);
  },
);

test('an unknown path or method has no endpoint', () => {
  expect(endpointOf({ method: 'GET', url: '/api/v2/nothing' })).toBeUndefined();
  expect(endpointOf({ method: 'TRACE', url: '/api/v2/api-keys' })).toBeUndefined();
});

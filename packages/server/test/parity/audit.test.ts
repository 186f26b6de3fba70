import { readFileSync } from 'node:fs';
import { AUDIT_EVENT_TYPES, AUDIT_EVENTS, ENDPOINTS, type Endpoint } from '@latchkey/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isChange, SAMPLE_REQUESTS } from '../harness/sample-requests.ts';
import { makeSubject } from '../harness/subject.ts';
import { startTestService, type TestService } from '../harness/test-service.ts';

const GUIDE = readFileSync(new URL('../../../../docs/audit.md', import.meta.url), 'utf8');

let service: TestService;

beforeEach(async () => {
  service = await startTestService();
  // The last workspace with a key could not be deleted.
  await service.addWorkspace();
});
afterEach(() => service.close());

describe('audit events', () => {
  test('each has a row with its phrase in docs/audit.md, and no other stands there', () => {
    const rows = [...GUIDE.matchAll(/^\| `([a-z-]+\.[a-z-]+)` \| ([^|]+) \|/gm)].map(
      ([, type, phrase]) => `${type} ${phrase}`,
    );
    expect(rows).toEqual(AUDIT_EVENT_TYPES.map((type) => `${type} ${AUDIT_EVENTS[type]}`));
  });
});

async function entries(): Promise<number> {
  return (await service.storage.audit.head(service.owner.workspaceId)).sequence;
}

/** How many entries a successful call of the endpoint adds. */
async function entriesOf(endpoint: Endpoint): Promise<number> {
  const subject = await makeSubject(service);
  const { url, body } = SAMPLE_REQUESTS[endpoint.id]?.(subject) ?? { url: '' };
  const before = await entries();
  const { status } = await service.call(endpoint.method, url, { as: service.owner.secret, body });
  expect(status).toBe(endpoint.status);
  await service.flush();
  return (await entries()) - before;
}

describe.each(ENDPOINTS.map((endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint] as const))(
  '%s',
  (_name, endpoint) => {
    test(isChange(endpoint) ? 'leaves one entry' : 'leaves none', async () => {
      expect(await entriesOf(endpoint)).toBe(isChange(endpoint) ? 1 : 0);
    });
  },
);

import { ENDPOINTS, needsAccount, needsCredential } from '@latchkey/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isChange, SAMPLE_REQUESTS } from '../../../test/harness/sample-requests.ts';
import { snapshot } from '../../../test/harness/snapshot.ts';
import { makeSubject } from '../../../test/harness/subject.ts';
import { type Answer, startTestService, type TestService } from '../../../test/harness/test-service.ts';

let service: TestService;

beforeEach(async () => {
  service = await startTestService();
});
afterEach(() => service.close());

/** The calling key, which belongs to a second owner. */
interface CallingKey {
  readonly keyId: string;
  readonly userId: string;
}

type End = (key: CallingKey) => Promise<unknown>;

const asOwner = (method: string, path: string, body?: unknown): Promise<Answer> =>
  service.call(method, `/api/v2${path}`, { as: service.owner.secret, body });

/** Events that end a key, and the error code of its next call. */
const ENDS: readonly (readonly [what: string, code: string, end: End])[] = [
  ['is revoked', 'KEY_REVOKED', ({ keyId }) => asOwner('DELETE', `/api-keys/${keyId}`)],
  [
    'is switched off',
    'KEY_DISABLED',
    ({ keyId }) => asOwner('PATCH', `/api-keys/${keyId}`, { isActive: false }),
  ],
  ['expires', 'KEY_EXPIRED', async () => service.clock.advance(1_000)],
  [
    'loses its owner to suspension',
    'KEY_DISABLED',
    ({ userId }) => asOwner('PUT', memberPath(userId), SUSPENDED),
  ],
  ['loses its owner for good', 'KEY_REVOKED', ({ userId }) => asOwner('DELETE', memberPath(userId))],
  ['loses its workspace to suspension', 'WORKSPACE_SUSPENDED', suspendWorkspace],
];

const SUSPENDED = { status: 'suspended' };
const memberPath = (userId: string): string => `/workspaces/${service.owner.workspaceId}/members/${userId}`;

async function suspendWorkspace(): Promise<void> {
  const { workspaces } = service.storage;
  const workspace = await workspaces.find(service.owner.workspaceId);
  if (workspace) await workspaces.update({ ...workspace, suspendedAt: service.clock.now() });
}

/** Runs `happen` in the next change between the authentication of its caller and its transaction. */
function overtakeNextChange(happen: () => Promise<unknown>): void {
  const { storage } = service;
  const transact = storage.transact.bind(storage);
  storage.transact = async (work) => {
    storage.transact = transact;
    await happen();
    return transact(work);
  };
}

/** The error code of the call, or of each item of a bulk call. */
function refusalsOf({ body: { data } }: Answer): string[] {
  if (data.error) return [data.error.code];
  return data.result.errors.map(({ code }: { code: string }) => code);
}

const CHANGES = ENDPOINTS.filter(
  (endpoint) => isChange(endpoint) && needsCredential(endpoint) && !needsAccount(endpoint),
);

describe.each(CHANGES.map((endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint] as const))(
  '%s',
  (_name, endpoint) => {
    test.each(ENDS)(
      'a key that %s between authentication and transaction cannot change anything: %s',
      async (_what, code, end) => {
        const request = SAMPLE_REQUESTS[endpoint.id]?.(await makeSubject(service));
        const userId = await service.addMember();
        const expiresAt = new Date(service.clock.now() + 1_000).toISOString();
        const { apiKey, key } = await service.createKey({ userId, expiresAt });
        let before: unknown;
        overtakeNextChange(async () => {
          await end({ keyId: apiKey.id, userId });
          before = await snapshot(service);
        });
        const answer = await service.call(endpoint.method, request?.url ?? '', {
          as: key,
          body: request?.body,
        });
        expect(refusalsOf(answer)).toEqual([code]);
        expect(before).toBeDefined();
        expect(await snapshot(service)).toEqual(before);
      },
    );
  },
);

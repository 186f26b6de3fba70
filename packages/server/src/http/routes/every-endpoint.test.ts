import {
  ENDPOINTS as ALL,
  type Endpoint,
  needsAccount,
  needsCredential,
  PERMISSIONS,
} from '@latchkey/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SAMPLE_REQUESTS, type SampleRequest } from '../../../test/harness/sample-requests.ts';
import { snapshot } from '../../../test/harness/snapshot.ts';
import { makeSubject } from '../../../test/harness/subject.ts';
import {
  type Answer,
  type CallOptions,
  startTestService,
  type TestService,
} from '../../../test/harness/test-service.ts';
import { withEachParameterOf } from '../../../test/harness/url-positions.ts';
import { generateKeyText } from '../../domain/shared/tokens.ts';
import { SmtpMailer } from '../../mail/smtp-mailer.ts';

let service: TestService;
/** For calls that are denied: they change nothing, so that the next one can have the same objects. */
let denied: SampleRequest | null;

/** The endpoints that a key may call; `account.test.ts` tests the others. */
const ENDPOINTS = ALL.filter((endpoint) => !needsAccount(endpoint));

/** Starts a service for the tests of one endpoint: a snapshot is quick where there is little data. */
function useFreshService(): void {
  beforeAll(async () => {
    // There is no mail server: other tests check the mails.
    const mail = { url: 'smtp://127.0.0.1:1', from: 'Latchkey <keys@example.com>', timeoutMs: 10_000 };
    service = await startTestService({ mailer: new SmtpMailer(mail, () => {}) });
    denied = null;
  });
  afterAll(() => service.close());
}

/** A sample request to the endpoint, with the objects that it needs. */
async function sampleFor(endpoint: Endpoint, owner = service.owner): Promise<SampleRequest> {
  const request = SAMPLE_REQUESTS[endpoint.id];
  if (!request) throw new Error(`Write a sample request for ${endpoint.id}`);
  return request(await makeSubject(service, owner));
}

async function expectRefusal(
  endpoint: Endpoint,
  options: CallOptions,
  status: number,
  code: string,
): Promise<Answer> {
  denied ??= await sampleFor(endpoint);
  const request = denied;
  const before = await snapshot(service);
  const body = request.body === undefined ? {} : { body: request.body };
  const answer = await service.call(endpoint.method, request.url, { ...body, ...options });
  expect([answer.status, answer.body.data.error.code]).toEqual([status, code]);
  expect(await snapshot(service)).toEqual(before);
  return answer;
}

async function brokenKey(change: { revoke?: true; isActive?: false; expire?: true }): Promise<string> {
  const expiresAt = new Date(service.clock.now() + 1_000).toISOString();
  const { apiKey, key } = await service.createKey(change.expire ? { expiresAt } : {});
  const url = `/api/v2/api-keys/${apiKey.id}`;
  if (change.revoke) await service.call('DELETE', url, { as: service.owner.secret });
  if (change.isActive === false)
    await service.call('PATCH', url, { as: service.owner.secret, body: { isActive: false } });
  if (change.expire) service.clock.advance(1_000);
  return key;
}

describe.each(ENDPOINTS.map((endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint] as const))(
  '%s',
  (_name, endpoint) => {
    useFreshService();

    test(`succeeds for the owner with ${endpoint.status}`, async () => {
      const owner = await service.addWorkspace();
      const { url, body } = await sampleFor(endpoint, owner);
      const answer = await service.call(endpoint.method, url, {
        as: owner.secret,
        ...(body !== undefined && { body }),
      });
      expect(answer.status).toBe(endpoint.status);
      if (endpoint.streamed) return;
      expect(answer.body).toMatchObject({ success: true, data: { message: expect.any(String) } });
    });

    if (!needsCredential(endpoint)) return;

    test('401 without a credential, and nothing changes', async () => {
      const answer = await expectRefusal(endpoint, {}, 401, 'CREDENTIALS_MISSING');
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="latchkey"');
    });

    test('400 for a malformed credential, and nothing changes', async () => {
      const answer = await expectRefusal(
        endpoint,
        { headers: { authorization: 'Bearer' } },
        400,
        'CREDENTIALS_MALFORMED',
      );
      expect(answer.headers['www-authenticate']).toContain('error="invalid_request"');
    });

    test('401 for an unknown, a misspelt, an expired, a disabled and a revoked key, and nothing changes', async () => {
      const good = service.owner.secret;
      const misspelt = good.slice(0, -1) + (good.endsWith('a') ? 'b' : 'a');
      for (const [secret, code] of [
        [generateKeyText('lk', 'live'), 'KEY_INVALID'],
        [misspelt, 'KEY_INVALID'],
        ['something-else', 'KEY_INVALID'],
        [await brokenKey({ expire: true }), 'KEY_EXPIRED'],
        [await brokenKey({ isActive: false }), 'KEY_DISABLED'],
        [await brokenKey({ revoke: true }), 'KEY_REVOKED'],
      ] as const) {
        const answer = await expectRefusal(endpoint, { as: secret }, 401, code);
        expect(answer.headers['www-authenticate']).toContain('error="invalid_token"');
      }
    });

    const { permission } = endpoint.access;
    if (permission === null) return;

    test(`403 for a key with every permission but ${permission}, and nothing changes`, async () => {
      const permissions = PERMISSIONS.filter((held) => held !== permission);
      const { key } = await service.createKey({ permissions });
      const answer = await expectRefusal(endpoint, { as: key }, 403, 'PERMISSION_DENIED');
      expect(answer.body.data.error.details).toEqual([expect.objectContaining({ field: permission })]);
      expect(answer.headers['www-authenticate']).toContain(
        `error="insufficient_scope", scope="${permission}"`,
      );
    });
  },
);

const withBody = ENDPOINTS.filter(({ body }) => body);

describe.each(withBody.map((endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint] as const))(
  '%s',
  (_name, endpoint) => {
    useFreshService();

    const as = () => ({ as: service.owner.secret });

    test('400 for an unknown field, and nothing changes', async () => {
      const request = await sampleFor(endpoint);
      const body = { ...(request.body as object), isAdmin: true };
      const answer = await expectRefusal(endpoint, { ...as(), body }, 400, 'FIELD_UNKNOWN');
      expect(answer.body.data.error.details).toEqual([
        { field: 'isAdmin', message: 'is not a field of this call' },
      ]);
    });

    test('400 for a body that is not an object, or has wrong types, and nothing changes', async () => {
      const request = await sampleFor(endpoint);
      for (const body of [[], [request.body]])
        await expectRefusal(endpoint, { ...as(), body }, 400, 'VALIDATION_FAILED');
      for (const name of Object.keys((request.body as object | undefined) ?? {})) {
        const changed = { ...(request.body as object), [name]: { wrong: true } };
        const answer = await expectRefusal(endpoint, { ...as(), body: changed }, 400, 'VALIDATION_FAILED');
        expect(answer.body.data.error.details[0].field).toContain(name);
      }
    });

    if (!endpoint.body?.properties.workspaceId) return;

    test('403 for another workspace in the body, and nothing changes; the own workspace is accepted', async () => {
      const request = await sampleFor(endpoint);
      const foreign = { ...(request.body as object), workspaceId: 'ws_other' };
      await expectRefusal(endpoint, { ...as(), body: foreign }, 403, 'PERMISSION_DENIED');
      const own = { ...(request.body as object), workspaceId: service.owner.workspaceId };
      const answer = await service.call(endpoint.method, request.url, { ...as(), body: own });
      expect(answer.status).toBe(endpoint.status);
    });
  },
);

const withId = ENDPOINTS.filter(({ params }) => params);

describe.each(withId.map((endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint] as const))(
  '%s',
  (_name, endpoint) => {
    useFreshService();

    test('404 for an unknown id and for one of another workspace, with identical answers', async () => {
      const { url, body } = await sampleFor(endpoint);
      const foreign = await sampleFor(endpoint, await service.addWorkspace());
      for (const { parameter, given, ...position } of withEachParameterOf(endpoint, url, foreign.url)) {
        const bodies: string[] = [];
        for (const id of [given, given.replace(/....$/, '0000')]) {
          const answer = await service.call(endpoint.method, position.url.replace(given, id), {
            as: service.owner.secret,
            ...(body !== undefined && { body }),
          });
          expect(answer.status, parameter).toBe(404);
          const text = JSON.stringify(answer.body);
          bodies.push(text.replaceAll(id, 'ID').replaceAll(/req_\w+/g, 'REQUEST'));
        }
        expect(bodies[0]).toBe(bodies[1]);
      }
    });
  },
);

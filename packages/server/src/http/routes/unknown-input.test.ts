import {
  ENDPOINTS as ALL,
  type Endpoint,
  isBodyOptional,
  needsAccount,
  needsCredential,
} from '@latchkey/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SAMPLE_REQUESTS, type SampleRequest } from '../../../test/harness/sample-requests.ts';
import { snapshot } from '../../../test/harness/snapshot.ts';
import { makeSubject } from '../../../test/harness/subject.ts';
import { type CallOptions, startTestService, type TestService } from '../../../test/harness/test-service.ts';

let service: TestService;

/** The endpoints that a key may call. */
const ENDPOINTS = ALL.filter((endpoint) => !needsAccount(endpoint));

beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.close());

async function sampleFor(endpoint: Endpoint, owner = service.owner): Promise<SampleRequest> {
  const request = SAMPLE_REQUESTS[endpoint.id];
  if (!request) throw new Error(`Write a sample request for ${endpoint.id}`);
  return request(await makeSubject(service, owner));
}

const withParameter = (url: string, parameter: string) =>
  `${url}${url.includes('?') ? '&' : '?'}${parameter}`;

/** Sends the request as the owner. Expects 400 FIELD_UNKNOWN for these fields, and no change. */
async function expectUnknown(
  endpoint: Endpoint,
  url: string,
  options: CallOptions,
  fields: readonly string[],
): Promise<void> {
  const before = await snapshot(service);
  const answer = await service.call(endpoint.method, url, { as: service.owner.secret, ...options });
  const { error } = answer.body.data;
  expect([answer.status, error?.code]).toEqual([400, 'FIELD_UNKNOWN']);
  const details = fields.map((field) => ({ field, message: 'is not a field of this call' }));
  expect(error.details).toEqual(details);
  expect(await snapshot(service)).toEqual(before);
}

const named = ENDPOINTS.map((endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint] as const);

describe.each(named)('%s', (_name, endpoint) => {
  test('400 for an unknown query parameter, and nothing changes', async () => {
    const { url, body } = await sampleFor(endpoint);
    const options = body === undefined ? {} : { body };
    await expectUnknown(endpoint, withParameter(url, 'isAdmin=true'), options, ['isAdmin']);
    await expectUnknown(endpoint, withParameter(url, 'isAdmin'), options, ['isAdmin']);
  });

  test('400 for an unknown body field, and nothing changes', async () => {
    const { url, body = {} } = await sampleFor(endpoint);
    await expectUnknown(endpoint, url, { body: { ...(body as object), isAdmin: true } }, ['isAdmin']);
  });

  if (!isBodyOptional(endpoint)) return;

  test.each([
    ['no body at all', undefined],
    ['an empty body', ''],
    ['an empty object', {}],
  ])('%s, sent as JSON, counts as a missing body', async (_, body) => {
    const owner = await service.addWorkspace();
    const { url } = await sampleFor(endpoint, owner);
    const answer = await service.call(endpoint.method, url, {
      as: owner.secret,
      headers: { 'Content-Type': 'application/json' },
      ...(body !== undefined && { body }),
    });
    expect(answer.status).toBe(endpoint.status);
  });
});

const authenticated = named.filter(([, endpoint]) => needsCredential(endpoint));

describe.each(authenticated)('%s', (_name, endpoint) => {
  test('accepts the workspace of the credential as a query parameter, and denies any other', async () => {
    const owner = await service.addWorkspace();
    const { url, body } = await sampleFor(endpoint, owner);
    const call = (workspaceId: string) =>
      service.call(endpoint.method, withParameter(url, `workspaceId=${workspaceId}`), {
        as: owner.secret,
        ...(body !== undefined && { body }),
      });
    const before = await snapshot({ ...service, owner });
    const foreign = await call('ws_other');
    expect([foreign.status, foreign.body.data?.error.code]).toEqual([403, 'PERMISSION_DENIED']);
    expect(await snapshot({ ...service, owner })).toEqual(before);
    expect((await call(owner.workspaceId)).status).toBe(endpoint.status);
  });
});

import { gunzipSync } from 'node:zlib';
import { openApiDocument, PERMISSIONS } from '@latchkey/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inject } from '../../../test/harness/inject.ts';
import { startTestService, type TestService } from '../../../test/harness/test-service.ts';

let service: TestService;

beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.close());

test('GET /permissions returns the whole catalogue in order, with resources, actions and titles', async () => {
  const { key } = await service.createKey({ permissions: [] });
  const { body } = await service.call('GET', '/api/v2/permissions', { as: key });
  const { permissions } = body.data.result;
  expect(permissions.map(({ id }: { id: string }) => id)).toEqual(PERMISSIONS);
  expect(permissions).toContainEqual({
    id: 'phone-numbers:import',
    resource: 'phone-numbers',
    action: 'import',
    title: 'Phone numbers: import',
  });
});

test('GET /me returns the caller, the credential and its permissions', async () => {
  const { apiKey, key } = await service.createKey({ permissions: ['calls:read'] });
  const { body } = await service.call('GET', '/api/v2/me', { as: key });
  expect(body.data.result.caller).toEqual({
    kind: 'key',
    userId: service.owner.userId,
    workspaceId: service.owner.workspaceId,
    permissions: ['calls:read'],
    keyId: apiKey.id,
  });
});

describe('GET /system', () => {
  test('returns the instance with its version, and nothing that only the host may see', async () => {
    const { key } = await service.createKey({ permissions: ['workspace:read'] });
    const { body } = await service.call('GET', '/api/v2/system', { as: key });
    const instance = { id: expect.stringMatching(/^ins_/), version: expect.stringMatching(/^\d+\.\d+\.\d+/) };
    expect(body.data.result.system).toEqual({
      status: 'healthy',
      problems: [],
      instanceCount: 1,
      instances: [{ ...instance, startedAt: '2026-11-23T09:00:00.000Z' }],
    });
  });

  test('GET /system/instances returns the one instance, without lag', async () => {
    const { key } = await service.createKey({ permissions: ['workspace:read'] });
    const { body } = await service.call('GET', '/api/v2/system/instances', { as: key });
    const now = '2026-11-23T09:00:00.000Z';
    expect(body.data.result.instances).toEqual([
      {
        id: expect.stringMatching(/^ins_/),
        version: expect.any(String),
        startedAt: now,
        heartbeatAt: now,
        lagMs: 0,
      },
    ]);
  });

  test('says what does not work', async () => {
    const failing = await startTestService();
    failing.storage.probeCommit = () => Promise.reject(new Error('the disk is full'));
    const { body } = await failing.call('GET', '/api/v2/system', { as: failing.owner.secret });
    const { status, problems } = body.data.result.system;
    expect([status, problems]).toEqual(['unhealthy', ['Changes cannot be committed now']]);
    await failing.close();
  });
});

describe('health', () => {
  test('live and ready need no credential and return only the status', async () => {
    for (const [path, status] of [
      ['live', 'live'],
      ['ready', 'ready'],
    ]) {
      const { body } = await service.call('GET', `/health/${path}`);
      expect(body.data.result).toEqual({ health: { status } });
    }
  });

  test('not ready, but live, after the storage is closed', async () => {
    const dying = await startTestService();
    await dying.storage.close();
    const ready = await dying.call('GET', '/health/ready');
    expect(ready.status).toBe(503);
    expect((await dying.call('GET', '/health/live')).status).toBe(200);
    await dying.close();
  });
});

describe('the description of the API', () => {
  test('GET /openapi.json is the document', async () => {
    const response = await inject(service.app, '/openapi.json');
    expect(response.json()).toEqual(JSON.parse(JSON.stringify(openApiDocument())));
  });

  test('GET /docs runs only scripts of this service, and no inline code or style', async () => {
    const { headers, body } = await inject(service.app, '/docs');
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'; img-src data:;");
    expect(policy).not.toContain('unsafe');
    expect(body).not.toMatch(/<script>|<style|javascript:|onload/i);
  });

  test('only the files of Swagger UI are served: compressed, or uncompressed if the client asks for it', async () => {
    for (const [file, type] of [
      ['swagger-ui-bundle.js', 'text/javascript'],
      ['swagger-ui.css', 'text/css'],
    ]) {
      const url = `/docs/${file}`;
      const small = await inject(service.app, { url, headers: { 'accept-encoding': 'gzip, br' } });
      const plain = await inject(service.app, { url });
      expect(small.headers['content-encoding']).toBe('gzip');
      expect(plain.headers['content-encoding']).toBeUndefined();
      expect(gunzipSync(small.rawPayload).equals(plain.rawPayload)).toBe(true);
      expect(plain.headers['content-type']).toBe(`${type}; charset=utf-8`);
    }
    for (const path of ['/docs/', '/docs/index.html', '/docs/swagger-ui.js', '/docs/package.json']) {
      expect((await inject(service.app, path)).statusCode, path).toBe(404);
    }
  });
});

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HttpAnswer, HttpClient } from './http-client.ts';
import { type FirstWorkspace, runInit, type ServiceProcess, startService } from './service-process.ts';

const KEYS = '/api/v2/api-keys';
const CLI = fileURLToPath(new URL('../../../cli/dist/main.js', import.meta.url));

/** What a service over one engine has to show end to end, as users see it. */
export function serviceCore(open: () => Promise<{ env: Record<string, string>; close(): Promise<void> }>) {
  let database: Awaited<ReturnType<typeof open>>;
  let dataDir: string;
  let owner: FirstWorkspace;
  let service: ServiceProcess;
  let client: HttpClient;

  beforeAll(async () => {
    database = await open();
    dataDir = mkdtempSync(path.join(tmpdir(), 'latchkey-core-'));
    owner = await runInit(dataDir, database.env);
    await start();
  });
  afterAll(async () => {
    client.close();
    await service.kill();
    rmSync(dataDir, { recursive: true });
    await database.close();
  });

  async function start(): Promise<void> {
    service = await startService({ dataDir, env: database.env });
    client = new HttpClient(service.url);
  }

  function call(method: string, target: string, body?: unknown): Promise<HttpAnswer> {
    return client.call(method, target, { as: owner.key, body });
  }

  async function createKey(fields: Record<string, unknown> = {}): Promise<{ id: string; key: string }> {
    const answer = await call('POST', KEYS, { name: 'Billing', userId: owner.userId, ...fields });
    expect(answer.status, answer.text).toBe(201);
    const { apiKey, key } = answer.body.data.result;
    return { id: apiKey.id, key };
  }

  async function codeOf(key: string): Promise<string> {
    const answer = await call('POST', `${KEYS}/verify`, { key });
    expect(answer.status, answer.text).toBe(200);
    return answer.body.data.result.code;
  }

  describe('the core of the service', () => {
    test('accepts a key as soon as it is made, and never after it was revoked', async () => {
      const keys = await Promise.all(
        Array.from({ length: 20 }, (_, index) => createKey({ name: `k${index}` })),
      );
      expect(await Promise.all(keys.map(({ key }) => codeOf(key)))).toEqual(keys.map(() => 'VALID'));
      await Promise.all(keys.map(({ id }) => call('DELETE', `${KEYS}/${id}`)));
      expect(await Promise.all(keys.map(({ key }) => codeOf(key)))).toEqual(keys.map(() => 'KEY_REVOKED'));
    });

    test('disables, enables and rotates a key', async () => {
      const { id, key } = await createKey();
      const change = async (isActive: boolean) =>
        expect((await call('PATCH', `${KEYS}/${id}`, { isActive })).status).toBe(200);
      await change(false);
      expect(await codeOf(key)).toBe('KEY_DISABLED');
      await change(true);
      expect(await codeOf(key)).toBe('VALID');
      const rotated = await call('POST', `${KEYS}/${id}/rotate`, { overlapSeconds: 0 });
      expect(rotated.status, rotated.text).toBe(200);
      expect(await codeOf(rotated.body.data.result.key)).toBe('VALID');
      expect(await codeOf(key)).not.toBe('VALID');
    });

    test('holds limits of a minute and of a day', async () => {
      for (const rateLimit of [{ requestsPerMinute: 5 }, { requestsPerDay: 5 }]) {
        const { key } = await createKey({ rateLimit });
        const codes = await Promise.all(Array.from({ length: 12 }, () => codeOf(key)));
        expect(codes.filter((code) => code === 'VALID')).toHaveLength(5);
      }
    });

    test('makes one key for many calls with the same idempotency key', async () => {
      const body = { name: 'once', userId: owner.userId };
      const headers = { 'idempotency-key': '0b5f6a52-9c1e-4f1c-8a77-4f4c0c0f7a11' };
      const calls = Array.from({ length: 8 }, () =>
        client.call('POST', KEYS, { as: owner.key, body, headers }),
      );
      const ids = (await Promise.all(calls)).map((answer) => answer.body.data.result.apiKey.id);
      expect(new Set(ids).size).toBe(1);
    });

    test('finds keys by filters, in pages without gaps', async () => {
      const prefix = 'page';
      for (let index = 0; index < 7; index++) await createKey({ name: `${prefix} ${index}` });
      const names: string[] = [];
      for (let cursor = ''; ; ) {
        const query = new URLSearchParams({ search: prefix, sortBy: 'name', sortOrder: 'asc', limit: '3' });
        if (cursor) query.set('cursor', cursor);
        const { data } = (await call('GET', `${KEYS}?${query}`)).body;
        names.push(...data.result.apiKeys.map(({ name }: { name: string }) => name));
        cursor = data.result.pagination.nextCursor ?? '';
        if (!cursor) break;
      }
      expect(names).toEqual(Array.from({ length: 7 }, (_, index) => `${prefix} ${index}`));
    });

    test('answers for ids and searches that no row can contain', async () => {
      for (const text of ['%00', 'a%00b', '%F0%9F%92%A9', "';--", '%25_']) {
        expect((await call('GET', `${KEYS}?search=${text}`)).status).toBeLessThan(500);
        expect((await call('GET', `${KEYS}/${text}`)).status).toBeLessThan(500);
        expect((await call('GET', `/api/v2/workspaces/logs?search=${text}`)).status).toBeLessThan(500);
      }
    });

    test('has an audit log whose export is intact', async () => {
      const exported = await call('GET', '/api/v2/workspaces/logs/export');
      const lines = exported.text.trim().split('\n');
      expect(lines.length).toBeGreaterThan(50);
      const file = path.join(dataDir, 'export.ndjson');
      writeFileSync(file, exported.text);
      expect(await runCli(['audit', 'verify', file])).toContain('intact: entries 1 to ');
    });

    test('keeps everything over a stop and a start', async () => {
      const { id, key } = await createKey();
      const revoked = await createKey();
      await call('DELETE', `${KEYS}/${revoked.id}`);
      expect(await service.stop()).toBe(0);
      client.close();
      await start();
      expect(await codeOf(key)).toBe('VALID');
      expect(await codeOf(revoked.key)).toBe('KEY_REVOKED');
      expect((await call('GET', `${KEYS}/${id}`)).body.data.result.apiKey).toMatchObject({
        id,
        name: 'Billing',
      });
    });
  });
}

/** Runs a command of the program, and returns what it prints. Rejects with both streams when it fails. */
export function runCli(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { env: { PATH: process.env.PATH ?? '', ...env } };
    execFile(process.execPath, [CLI, ...args], options, (error, stdout, stderr) =>
      error ? reject(new Error(stdout + stderr)) : resolve(stdout + stderr),
    );
  });
}

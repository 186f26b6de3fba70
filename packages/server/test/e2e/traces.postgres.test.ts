import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { HttpClient } from '../harness/http-client.ts';
import { createPostgresDatabase } from '../harness/postgres-database.ts';
import { runInit, startService } from '../harness/service-process.ts';
import { startTraceReceiver } from '../harness/trace-receiver.ts';

test('a check of a key with a limit waits for the counter store in a child of its request, and a stop sends all spans', async () => {
  const { url, drop } = await createPostgresDatabase(null);
  const dataDir = mkdtempSync(join(tmpdir(), 'latchkey-traces-'));
  const owner = await runInit(dataDir, { DATABASE_URL: url });
  const collector = await startTraceReceiver();
  const env = { DATABASE_URL: url, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces` };
  const service = await startService({ dataDir, env });
  const client = new HttpClient(service.url);
  onTestFinished(async () => {
    client.close();
    await service.kill();
    collector.close();
    await drop();
    rmSync(dataDir, { recursive: true });
  });
  const body = { name: 'limited', userId: owner.userId, rateLimit: { requestsPerMinute: 5 } };
  const created = await client.call('POST', '/api/v2/api-keys', { as: owner.key, body });
  const headers = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' };
  await client.call('GET', '/api/v2/api-keys/check', { as: created.body.data.result.key, headers });
  expect(await service.stop()).toBe(0);
  const spans = collector.spans();
  const check = spans.find(({ parentSpanId }) => parentSpanId === '00f067aa0ba902b7');
  const children = spans.filter(({ parentSpanId }) => parentSpanId === check?.spanId);
  const attributes = { 'db.system.name': 'postgresql' };
  expect(children).toContainEqual(expect.objectContaining({ name: 'COUNT', kind: 3, attributes }));
  expect(children.map(({ name }) => name)).toContain('SELECT api_keys');
});

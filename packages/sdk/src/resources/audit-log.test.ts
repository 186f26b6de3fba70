import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { failure, replyJson, startPeer, success } from '../../test/peer.ts';
import { Latchkey } from '../client.ts';
import { LatchkeyConnectionError, LatchkeyError, LatchkeyProtocolError } from '../errors.ts';

const key = 'lk_live_x';
const NDJSON = { 'content-type': 'application/x-ndjson; charset=utf-8' };

async function exported(url: string, timeoutMs = 1_000): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of new Latchkey({ url, key, timeoutMs }).auditLog.export()) lines.push(line);
  return lines;
}

test('list sends its filters as query parameters', async () => {
  const pagination = { total: 0, limit: 50, offset: 0, hasNext: false, hasPrevious: false, nextCursor: null };
  const result = { logs: [], pagination, uniqueEventTypes: [] };
  const { url, received } = await startPeer(replyJson(success(result)));
  expect(
    await new Latchkey({ url, key }).auditLog.list({ eventType: ['call.denied', 'api-key.revoked'] }),
  ).toEqual(result);
  expect(received.map(({ path }) => path)).toEqual([
    '/api/v2/workspaces/logs?eventType=call.denied&eventType=api-key.revoked',
  ]);
});

test('an export yields whole lines, wherever the network splits the bytes', async () => {
  const bytes = [...Buffer.from('{"a":"é"}\n{"b":2}\n{"anchor":3}')];
  const { url, received } = await startPeer((response) => {
    response.writeHead(200, NDJSON);
    Readable.from(bytes.map((byte) => Buffer.from([byte]))).pipe(response);
  });
  expect(await exported(url)).toEqual(['{"a":"é"}', '{"b":2}', '{"anchor":3}']);
  expect(received[0]?.headers).toMatchObject({
    authorization: `Bearer ${key}`,
    accept: 'application/x-ndjson, application/json',
  });
});

test('an error response, an invalid response, an aborted stream and a timeout throw different errors', async () => {
  const denied = await startPeer(replyJson(failure('PERMISSION_DENIED'), 403));
  await expect(exported(denied.url)).rejects.toThrow(LatchkeyError);
  const other = await startPeer(replyJson({ hello: 'world' }));
  await expect(exported(other.url)).rejects.toThrow(LatchkeyProtocolError);
  const broken = await startPeer((response) => {
    response.writeHead(200, NDJSON);
    response.write('{"a":1}\n', () => response.destroy());
  });
  await expect(exported(broken.url)).rejects.toThrow(LatchkeyConnectionError);
  const silent = await startPeer(() => {});
  await expect(exported(silent.url, 50)).rejects.toThrow('did not answer within 50 ms');
});

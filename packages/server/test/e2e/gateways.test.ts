import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type BehindGateways,
  identityOf,
  isOpen,
  KEY_KINDS,
  presentKey,
  readingsOf,
  STATUS_BY_KIND,
  startBehindGateways,
} from '../harness/behind-gateways.ts';
import { GATEWAY_NAMES, type Gateway } from '../harness/gateways.ts';
import type { HeaderList } from '../harness/raw-http.ts';

let behind: BehindGateways;

beforeAll(async () => {
  behind = await startBehindGateways();
});
afterAll(() => behind?.close());

describe.each(GATEWAY_NAMES)('behind %s, with the published configuration', (name) => {
  const gateway = (): Gateway => behind.gateways.find((one) => one.name === name) ?? expect.unreachable();

  test('a request with a good key reaches the API, with the identity of the key and without the key', async () => {
    const { client, reached } = await behind.send(gateway(), 'POST /open/a?b=c HTTP/1.1', [
      ...behind.good.headers,
      ['Content-Length', '0'],
    ]);
    expect(client.status).toBe(200);
    expect(reached).toMatchObject([{ method: 'POST', target: '/open/a?b=c' }]);
    expect(reached.map(identityOf)).toEqual([behind.identity]);
    expect(JSON.stringify(reached)).not.toContain('lk_live_');
  });

  test.each(KEY_KINDS.filter((kind) => kind !== 'good').map((kind) => [kind, STATUS_BY_KIND[kind]] as const))(
    'a request with a key that is %s gets %i and does not reach the API',
    async (kind, status) => {
      const { headers } = await presentKey(behind.service, kind);
      const { client, reached } = await behind.send(gateway(), 'GET /open/a HTTP/1.1', headers);
      expect([client.status, reached]).toEqual([status, []]);
      if (status === 401) expect(client.headers['www-authenticate']).toMatch(/^Bearer realm="latchkey"/);
      if (status === 403) expect(client.headers['www-authenticate']).toContain('scope="calls:read"');
      if (status !== 429) return;
      expect(Number(client.headers['retry-after'])).toBeGreaterThan(0);
      expect(client.headers.ratelimit).toMatch(/^"minute";r=0;/);
      expect(client.headers['ratelimit-policy']).toBe('"minute";q=1;w=60');
    },
  );

  test('keeps its connection to Latchkey over requests that pass and requests that are denied', async () => {
    const { server } = behind.service.app;
    const kinds = ['good', 'unpermitted', 'revoked', 'limited'] as const;
    const presented = await Promise.all(kinds.map((kind) => presentKey(behind.service, kind)));
    const ask = async (): Promise<void> => {
      for (const { headers } of presented) await behind.send(gateway(), 'GET /open/a HTTP/1.1', headers);
    };
    await ask();
    let connections = 0;
    const count = (): void => void connections++;
    server.on('connection', count);
    await ask();
    server.off('connection', count);
    expect(connections).toBe(0);
  });

  test('no forged header about an identity, a route or the gateway reaches the API or changes the decision', async () => {
    const forged: HeaderList = [
      'X-Latchkey-Key-Id',
      'x-latchkey-owner-id',
      'X_Latchkey_Key_Id',
      'X-LATCHKEY_Permissions',
      'Latchkey_Verifier',
      'Latchkey-Verifier',
    ].map((header) => [header, 'forged']);
    const asked: HeaderList = [
      ['X-Original-URI', '/open/a'],
      ['X-Forwarded-Uri', '/open/a'],
      ['X-Forwarded-Method', 'GET'],
    ];
    const hop: HeaderList = [['Connection', 'close, X-Latchkey-Key-Id, Latchkey-Verifier, X-Forwarded-Uri']];
    for (const headers of [
      [...forged, ...behind.good.headers],
      [...behind.good.headers, ...forged],
      [...forged, ...behind.good.headers, ...forged],
      [...hop, ...behind.good.headers],
    ]) {
      const { client, reached } = await behind.send(gateway(), 'GET /open/b HTTP/1.1', headers);
      expect(client.status).toBe(200);
      expect(reached.map(identityOf)).toEqual([behind.identity]);
    }
    const { client, reached } = await behind.send(gateway(), 'GET /admin/a HTTP/1.1', [
      ...asked,
      ...behind.good.headers,
    ]);
    expect([client.status, reached]).toEqual([403, []]);
    expect(client.headers['www-authenticate'] ?? 'none').not.toBe('');
  });

  test('a path reaches the API only if every reading of it is a route that the key may use', async () => {
    const targets = [
      '/open/../admin/a',
      '/open/%2e%2e/admin/a',
      '/open//admin',
      '/open/%61dmin',
      '/open/ADMIN',
      '/open/admin;a=b',
      '/open/x%2f..%2fadmin',
      '/open/x\\..\\admin',
      '/open/admin/',
      '/open/%2561dmin',
      '//admin/a',
      '/admin/a?permissions=calls:read&cost=0',
      '/admin/a',
    ];
    for (const target of [...targets, '/open/caf%C3%A9', '/open/a%20b/']) {
      const { client, reached } = await behind.send(gateway(), `GET ${target} HTTP/1.1`, behind.good.headers);
      const readings = reached.flatMap((request) => readingsOf(request.target));
      expect([target, readings.filter((reading) => !isOpen(reading))]).toEqual([target, []]);
      expect([target, client.status === 200]).toEqual([target, !targets.includes(target)]);
    }
  });
});

test.each([
  ['nginx.md', 'nginx', 'nginx.conf'],
  ['caddy.md', 'caddyfile', 'Caddyfile'],
  ['haproxy.md', 'haproxy', 'haproxy.cfg'],
  ['haproxy.md', 'lua', 'latchkey.lua'],
])('docs/gateways/%s shows the tested configuration (%s, %s)', (guide, language, config) => {
  const root = new URL('../../../../', import.meta.url);
  const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
  expect(read(`docs/gateways/${guide}`)).toContain(
    `\`\`\`${language}\n${read(`deploy/gateways/${config}`)}\`\`\``,
  );
});

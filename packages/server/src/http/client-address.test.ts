import { expect, onTestFinished, test } from 'vitest';
import { inject } from '../../test/harness/inject.ts';
import { startTestService, type TestService } from '../../test/harness/test-service.ts';

/** The client address of calls by `inject`. */
const PROXY = '127.0.0.1';
const CLIENT = '203.0.113.7';
const KEYS = '/api/v2/api-keys';

async function start(trustedProxies: string[] = [PROXY]): Promise<TestService> {
  const service = await startTestService({ trustedProxies });
  onTestFinished(service.close);
  return service;
}

const from = (client: string) => ({ 'x-forwarded-for': client });

test('behind a trusted proxy the audit log, denied calls, sessions and the access log have the client address', async () => {
  const service = await start();
  const as = service.owner.secret;
  const headers = from(`198.51.100.1, ${CLIENT}`);
  const body = { name: 'k', userId: service.owner.userId };
  await service.call('POST', KEYS, { as, headers, body });
  await service.call('GET', `${KEYS}/key_unknown`, { as, headers });
  const link = await service.call('POST', '/api/v2/sign-in-links', { as, headers });
  const token = new URL(link.body.data.result.signInLink.url).hash.slice(1);
  const { body: opened } = await service.call('POST', '/api/v2/sessions', { headers, body: { token } });
  await service.flush();
  const { body: log } = await service.call('GET', '/api/v2/workspaces/logs?limit=4', { as, headers });
  const addresses = log.data.result.logs.map(
    ({ metadata }: { metadata: { address: string } }) => metadata.address,
  );
  expect(new Set(addresses)).toEqual(new Set([CLIENT]));
  expect(opened.data.result.session).toMatchObject({ address: CLIENT });
  await service.call('POST', `${KEYS}/verify`, { as, headers, body: { key: 'x' } });
  const answered = service.logs.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'answered');
  expect(answered.map(({ address }) => address)).toEqual(answered.map(() => CLIENT));
});

test('without a trusted proxy, forwarding headers are ignored', async () => {
  for (const trusted of [[], ['10.0.0.0/8']]) {
    const service = await start(trusted);
    await service.call('GET', `${KEYS}/key_unknown`, { as: service.owner.secret, headers: from(CLIENT) });
    const last = JSON.parse(service.logs.at(-1) ?? '{}');
    expect(last).toMatchObject({ msg: 'answered', address: PROXY });
  }
});

test('failed sign-ins are counted per client address or IPv6 network, not per proxy', async () => {
  const service = await start();
  const fail = async (client: string): Promise<number> => {
    const options = {
      method: 'POST',
      url: '/api/v2/sessions',
      headers: { host: 'test', ...from(client) },
    } as const;
    return (await inject(service.app, { ...options, payload: { token: 'bad' } })).statusCode;
  };
  for (let count = 0; count < 10; count++) expect(await fail(`2001:db8::${count}`)).not.toBe(429);
  expect(await fail('2001:0db8:0000:0000:ffff::1')).toBe(429);
  expect(await fail('2001:db8:0:1::1')).not.toBe(429);
  expect(await fail(CLIENT)).not.toBe(429);
});

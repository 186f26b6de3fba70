import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Latchkey, type NewKey } from '../../src/index.ts';
import { type LiveService, startLiveService } from '../live-service.ts';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const EXAMPLES = ['express', 'fastify', 'hono', 'fetch'];
const GUIDE = readFileSync(`${ROOT}docs/protect-your-api.md`, 'utf8');

let service: LiveService;
let latchkey: Latchkey;
const urls = new Map<string, string>();
const processes: ChildProcess[] = [];

beforeAll(async () => {
  service = await startLiveService();
  latchkey = new Latchkey({ url: service.url, key: service.key });
  const verifier = await createKey({ use: 'verify' });
  await Promise.all(EXAMPLES.map((name) => start(name, verifier)));
});
afterAll(async () => {
  for (const running of processes) running.kill();
  await service.close();
});

/** Starts the example as its `npm start` does, with a key that may only verify. */
async function start(name: string, key: string): Promise<void> {
  const { PATH } = process.env;
  const env = { PATH, LATCHKEY_URL: service.url, LATCHKEY_KEY: key, PORT: '0' };
  const cwd = `${ROOT}examples/${name}`;
  const running = spawn(process.execPath, ['server.js'], { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
  processes.push(running);
  const [line] = (await once(createInterface(running.stdout), 'line')) as [string];
  urls.set(name, line.replace('Listening on ', ''));
}

async function createKey(options: Partial<NewKey> = {}): Promise<string> {
  const permissions = options.use === 'verify' ? {} : { permissions: ['calls:read'] };
  const { key } = await latchkey.keys.create({
    name: 'Ada',
    userId: service.userId,
    ...permissions,
    ...options,
  });
  return String(key);
}

async function changedKey(change: (id: string) => Promise<unknown>): Promise<string> {
  const { apiKey, key } = await latchkey.keys.create({ name: 'Ada', userId: service.userId });
  await change(apiKey.id);
  return String(key);
}

/** The Authorization header for each row of the guide's table. */
const ROWS: Readonly<Record<string, () => Promise<string | undefined>>> = {
  valid: async () => `Bearer ${await createKey()}`,
  'valid, with limits': async () => `Bearer ${await createKey({ rateLimit: { requestsPerMinute: 60 } })}`,
  missing: async () => undefined,
  malformed: async () => 'Bearer lk_live_nonsense',
  revoked: async () => `Bearer ${await changedKey((id) => latchkey.keys.revoke(id))}`,
  disabled: async () => `Bearer ${await changedKey((id) => latchkey.keys.update(id, { isActive: false }))}`,
  'without the permission': async () => `Bearer ${await createKey({ permissions: [] })}`,
  'over its limit': async () => {
    const key = await createKey({ rateLimit: { requestsPerMinute: 1 } });
    await latchkey.keys.verify({ key });
    return `Bearer ${key}`;
  },
};

interface Row {
  readonly name: string;
  readonly status: number;
  readonly code: string;
  /** Each header with its value; `…` is any text. */
  readonly headers: readonly string[];
}

/** The table of statuses in the guide. */
const table: Row[] = GUIDE.split('\n').flatMap((line) => {
  const [, name = '', status = '', code = '', headers = ''] = line.split('|').map((cell) => cell.trim());
  if (!/^\d{3}$/.test(status)) return [];
  const quoted = [...headers.matchAll(/`([^`]+)`/g)].map(([, header = '']) => header);
  return [{ name, status: Number(status), code: code.replaceAll('`', ''), headers: quoted }];
});

async function expectRow(
  example: string,
  { status, code, headers }: Row,
  authorization?: string,
): Promise<void> {
  const response = await fetch(`${urls.get(example)}/calls`, {
    headers: authorization ? { authorization } : {},
  });
  const body = (await response.json()) as { code?: string; message?: string };
  expect([response.status, body.code ?? '']).toEqual([status, code]);
  if (status === 200) expect(body.message).toBe('Hello, Ada');
  for (const header of headers) {
    const [name = '', value = ''] = header.split(/: (.*)/s);
    const pattern = value.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    expect(`${name}: ${response.headers.get(name)}`).toMatch(new RegExp(`^${name}: ${pattern.join('.+')}$`));
  }
}

test('the guide has a row for each kind of key, and one for an outage', () => {
  expect(table.map(({ name }) => name)).toEqual([...Object.keys(ROWS), 'any, and Latchkey is down']);
});

describe.each(EXAMPLES)('the example %s', (example) => {
  test.each(table.filter(({ name }) => name in ROWS))(
    'answers a key that is $name with $status $code',
    async (row) => {
      await expectRow(example, row, await ROWS[row.name]?.());
    },
  );

  test('answers the open route without a key', async () => {
    expect((await fetch(urls.get(example) ?? '')).status).toBe(200);
  });
});

test('while Latchkey is down, every example denies a valid key as the guide says', async () => {
  const key = await createKey();
  await service.stop();
  const [row] = table.filter(({ status }) => status === 503);
  for (const example of EXAMPLES) await expectRow(example, row as Row, `Bearer ${key}`);
});

/** The JavaScript blocks of the guide. */
const blocks = [...GUIDE.matchAll(/```js\n(.*?)```/gs)].map(([, code = '']) => code);

test.each(EXAMPLES)('the guide shows the example %s as it is', (example) => {
  expect(blocks).toContain(readFileSync(`${ROOT}examples/${example}/server.js`, 'utf8'));
});

test('the test in the guide passes', async () => {
  const code = blocks.find((block) => block.includes('node:test')) ?? '';
  const args = ['--input-type=module', '--eval', code];
  const running = spawn(process.execPath, args, { cwd: `${ROOT}examples/express`, stdio: 'ignore' });
  expect(await once(running, 'exit')).toEqual([0, null]);
});

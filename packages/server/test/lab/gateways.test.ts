import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type BehindGateways,
  identityOf,
  isOpen,
  KEY_KINDS,
  type Passage,
  presentKey,
  readingsOf,
  STATUS_BY_KIND,
  startBehindGateways,
} from '../harness/behind-gateways.ts';
import type { Gateway } from '../harness/gateways.ts';
import type { HeaderList } from '../harness/raw-http.ts';

let behind: BehindGateways;

beforeAll(async () => {
  behind = await startBehindGateways();
});
afterAll(() => behind?.close());

const FIELDS = ['www-authenticate', 'retry-after', 'ratelimit', 'ratelimit-policy'];

function rowOf({ name }: Gateway, kind: string, { client, reached }: Passage) {
  const identity = reached
    .map(identityOf)
    .map((told) => Object.entries(told).map(([header, values]) => `${header}: ${values}`));
  return {
    gateway: name,
    key: kind,
    status: client.status,
    'the client gets': FIELDS.flatMap((field) =>
      client.headers[field] ? [`${field}: ${client.headers[field]}`] : [],
    ).join('; '),
    'the API gets': reached.length === 0 ? 'nothing' : identity.flat().join('; '),
  };
}

test('each gateway with each kind of key: status and headers as the client and the API see them', async () => {
  const rows: ReturnType<typeof rowOf>[] = [];
  for (const gateway of behind.gateways)
    for (const kind of KEY_KINDS) {
      const { headers } = await presentKey(behind.service, kind);
      const passage = await behind.send(gateway, 'GET /open/a HTTP/1.1', headers);
      rows.push(rowOf(gateway, kind, passage));
      expect([gateway.name, kind, passage.client.status]).toEqual([gateway.name, kind, STATUS_BY_KIND[kind]]);
      expect(passage.reached).toHaveLength(kind === 'good' ? 1 : 0);
    }
  console.table(rows);
});

const IDENTITY = [
  'X-Latchkey-Key-Id',
  'X-Latchkey-Owner-Id',
  'X-Latchkey-Workspace-Id',
  'X-Latchkey-Permissions',
  'Latchkey-Verifier',
];

/** The name in every case, and with each dash as an underscore. */
function spellings(name: string): string[] {
  const dashes = [...name].flatMap((character, at) => (character === '-' ? [at] : []));
  const underscored = Array.from({ length: 2 ** dashes.length }, (_, mask) =>
    [...name]
      .map((character, at) => (character === '-' && (mask >> dashes.indexOf(at)) & 1 ? '_' : character))
      .join(''),
  );
  return underscored.flatMap((text) => [text, text.toLowerCase(), text.toUpperCase()]);
}

test('no forged identity header reaches the API, in any spelling, once or twice, before or after the key', async () => {
  const counts: { gateway: string; sent: number; reached: number; forged: number }[] = [];
  for (const gateway of behind.gateways) {
    const count = { gateway: gateway.name, sent: 0, reached: 0, forged: 0 };
    for (const name of IDENTITY.flatMap(spellings)) {
      const once: HeaderList = [[name, 'forged']];
      for (const headers of [
        [...once, ...behind.good.headers],
        [...behind.good.headers, ...once],
        [...once, ...once, ...behind.good.headers],
        [...once, ...behind.good.headers, ...once],
        [['Connection', `close, ${name}`] as const, ...once, ...behind.good.headers],
      ]) {
        const { reached } = await behind.send(gateway, 'GET /open/a HTTP/1.1', headers);
        count.sent++;
        count.reached += reached.length;
        count.forged += reached.filter(isForged).length;
      }
    }
    counts.push(count);
  }
  console.table(counts);
  expect(counts.map(({ forged }) => forged)).toEqual(counts.map(() => 0));
  expect(counts.every(({ sent, reached }) => reached === sent)).toBe(true);
});

/** Does the API get anything else than the one true identity? */
function isForged(request: Passage['reached'][number]): boolean {
  const told = identityOf(request);
  return (
    Object.keys(told).length !== 4 ||
    Object.entries(behind.identity).some(([name, values]) => String(told[name]) !== String(values))
  );
}

/** Texts that gateways, frameworks and file systems read in different ways. */
const PARTS = [
  'admin',
  'ADMIN',
  '%61dmin',
  '%2561dmin',
  'admin;a=b',
  'admin%3b',
  'admin%2f',
  'admin%00',
  'admin%20',
  'admin.',
  'a',
  '..',
  '.',
  '%2e%2e',
  '.%2e',
  '%2e',
  '..;',
  '..%2f',
  '..%5c',
  '..\\',
  '%c0%ae%c0%ae',
  '',
  '%ef%bc%8e%ef%bc%8e',
];
const STARTS = ['/', '/open/', '/open/a/', '//', '/open//', '/./', '/%2f', '/open\\'];

test('a path reaches the API only if every reading of it is a route that the key may use', async () => {
  const counts: { gateway: string; sent: number; reached: number; wrong: number }[] = [];
  const tails = PARTS.flatMap((one) => [one, ...PARTS.map((other) => `${one}/${other}`)]);
  const targets = STARTS.flatMap((start) => tails.map((tail) => start + tail));
  for (const gateway of behind.gateways) {
    const count = { gateway: gateway.name, sent: 0, reached: 0, wrong: 0 };
    for (const target of targets) {
      const { reached } = await behind.send(gateway, `GET ${target} HTTP/1.1`, behind.good.headers);
      const wrong = reached
        .flatMap((request) => readingsOf(request.target))
        .filter((reading) => !isOpen(reading));
      if (wrong.length > 0) console.log(`${gateway.name}: ${target} was read as ${wrong}`);
      count.sent++;
      count.reached += reached.length;
      count.wrong += wrong.length;
    }
    counts.push(count);
  }
  console.table(counts);
  expect(counts.map(({ wrong }) => wrong)).toEqual(counts.map(() => 0));
  expect(counts.every(({ reached }) => reached > 0)).toBe(true);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as afterEvents } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KeptConnection } from '../harness/kept-connection.ts';
import {
  type ListeningService,
  type RawRequest,
  startListeningService,
} from '../harness/listening-service.ts';
import { proofSize } from './sizes.ts';

const CHECKS = proofSize('REVOCATION_CHECKS');
const CONNECTIONS = 64;
/** The number of checks of a key before the request that ends it, and after it. */
const CHECKS_BEFORE = 3 * CONNECTIONS;
const CHECKS_AFTER = 5 * CONNECTIONS;

let folder: string;
let service: ListeningService;
let connections: KeptConnection[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-revocation-'));
  service = await startListeningService(`file:${join(folder, 'latchkey.db')}`);
  connections = Array.from({ length: CONNECTIONS }, () => new KeptConnection(service.port));
});
afterAll(async () => {
  for (const connection of connections) connection.close();
  await service.close();
  rmSync(folder, { recursive: true });
});

interface Doomed {
  readonly secret: string;
  readonly keyId: string;
  /** Resolves with the acknowledgement. */
  end(): Promise<void>;
}

type Ending = () => Promise<Doomed>;

const KEYS = '/api/v2/api-keys';

async function send(method: string, target: string, body?: unknown, as?: string): Promise<void> {
  const request: RawRequest = {
    method,
    target,
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(as !== undefined && { as }),
  };
  const answer = await service.request(request);
  expect(answer.status, answer.text).toBe(200);
}

/** A key that ends by a request about itself. */
function byRequest(method: string, path: string, body?: () => unknown): Ending {
  return async () => {
    const { apiKey, key: secret } = await service.createKey();
    const end = () => send(method, `${KEYS}/${apiKey.id}${path}`, body?.());
    return { secret, keyId: apiKey.id, end };
  };
}

/** A key that ends by a change of its owner. */
function byMember(method: string, body?: unknown): Ending {
  return async () => {
    const userId = await service.addMember('Admin');
    const { apiKey, key: secret } = await service.createKey({ userId });
    const target = `/api/v2/workspaces/${service.owner.workspaceId}/members/${userId}`;
    return { secret, keyId: apiKey.id, end: () => send(method, target, body) };
  };
}

async function byExpiry(): Promise<Doomed> {
  const { apiKey, key: secret } = await service.createKey();
  const end = async () => {
    const expiresAt = new Date(service.clock.now() + 1).toISOString();
    await send('PATCH', `${KEYS}/${apiKey.id}`, { expiresAt });
    service.clock.advance(1);
  };
  return { secret, keyId: apiKey.id, end };
}

async function byWorkspace(): Promise<Doomed> {
  const { workspaceId, secret: owner, userId } = await service.addWorkspace();
  const { apiKey, key: secret } = await service.createKey({ userId }, owner);
  const end = () => send('DELETE', `/api/v2/workspaces/${workspaceId}`, undefined, owner);
  return { secret, keyId: apiKey.id, end };
}

const ENDINGS: readonly (readonly [name: string, ending: Ending])[] = [
  ['it is revoked', byRequest('DELETE', '')],
  ['it is disabled', byRequest('PATCH', '', () => ({ isActive: false }))],
  ['it is rotated without overlap', byRequest('POST', '/rotate', () => ({ overlapSeconds: 0 }))],
  ['its end is moved to now', byExpiry],
  ['its owner is removed', byMember('DELETE')],
  ['its owner is suspended', byMember('PUT', { status: 'suspended' })],
  ['its workspace is deleted', byWorkspace],
];

interface Tally {
  early: number;
  earlyAccepted: number;
  late: number;
  lateAccepted: number;
}

/** Checks the key over all connections until it has ended, and some time after. */
async function hammer({ secret, keyId, end }: Doomed, tally: Tally): Promise<void> {
  const bytes = service.bytes({ target: `${KEYS}/check`, as: secret });
  let asked = 0;
  let askedAtEnd = Number.POSITIVE_INFINITY;
  const ask = async (connection: KeptConnection): Promise<void> => {
    while (asked < askedAtEnd + CHECKS_AFTER) {
      const isLate = asked >= askedAtEnd;
      asked++;
      const { status } = await connection.ask(bytes);
      if (isLate) tally.late++;
      else tally.early++;
      if (status === 200 && isLate) tally.lateAccepted++;
      else if (status === 200) tally.earlyAccepted++;
    }
  };
  const asking = connections.map(ask);
  while (asked < CHECKS_BEFORE) {
    await afterEvents();
    // The cached key is invalidated again and again, so that it ends while look-ups are pending.
    service.storage.feed.publish([{ kind: 'key', keyId }]);
  }
  await end();
  askedAtEnd = asked;
  await Promise.all(asking);
}

const checksEach = Math.ceil(CHECKS / ENDINGS.length);

test.each(ENDINGS)(
  `of ${checksEach} checks of keys over ${CONNECTIONS} connections while %s, every check that starts after the acknowledgement is denied`,
  async (name, ending) => {
    const tally: Tally = { early: 0, earlyAccepted: 0, late: 0, lateAccepted: 0 };
    let keys = 0;
    for (; tally.early + tally.late < checksEach; keys++) await hammer(await ending(), tally);
    console.log(`revocation: ${name}: ${keys} keys, ${JSON.stringify(tally)}`);
    expect(tally.lateAccepted).toBe(0);
    expect(tally.earlyAccepted).toBeGreaterThan(checksEach / 10);
    expect(tally.late).toBeGreaterThan(checksEach / 10);
  },
);

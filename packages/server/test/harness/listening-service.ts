import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import {
  type ExchangeOptions,
  exchange,
  type HeaderList,
  type RawAnswer,
  rawViolations,
  requestBytes,
} from './raw-http.ts';
import { startTestService, type TestService } from './test-service.ts';

export const HOST = 'latchkey.test';

export interface RawRequest {
  readonly method?: string;
  readonly target?: string;
  /** Sent after Host and Authorization. */
  readonly headers?: HeaderList;
  /** The bearer token; null: no Authorization. Left out: the owner's key. */
  readonly as?: string | null;
  readonly body?: string | Buffer;
}

export interface ExpectedError {
  readonly status: number;
  readonly code: string;
  /** Method and target of the request in the bytes, for the contract checker. */
  readonly method?: string;
  readonly target?: string;
}

/** The test service, listening on a port of this machine. */
export interface ListeningService extends TestService {
  readonly port: number;
  /** The bytes of an ordinary request, with Content-Length and Content-Type where it has a body. */
  bytes(request?: RawRequest): Buffer;
  send(bytes: Buffer | string, options?: ExchangeOptions): Promise<RawAnswer[]>;
  /** Sends one ordinary request. Asserts that there is exactly one response, which matches the published contract. */
  request(request?: RawRequest): Promise<RawAnswer>;
  /** Everything that is stored about keys, except when they were last used. */
  state(): Promise<string>;
  /** Sends bytes and asserts that the only response is this error, in our envelope, and that no key changed. */
  expectError(bytes: Buffer | string, expected: ExpectedError, options?: ExchangeOptions): Promise<RawAnswer>;
}

export async function startListeningService(databaseUrl?: string): Promise<ListeningService> {
  const service = await startTestService(databaseUrl === undefined ? {} : { databaseUrl });
  await service.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = service.app.server.address() as AddressInfo;
  const send: ListeningService['send'] = (bytes, options) => exchange(port, bytes, options);
  const bytes = (request: RawRequest = {}) => bytesOf(request, service.owner.secret);
  const state = () => stateOf(service);
  return {
    ...service,
    port,
    bytes,
    send,
    state,
    async request(request = {}) {
      const { method = 'GET', target = '/api/v2/me' } = request;
      const answer = only(await send(bytes(request), { head: method === 'HEAD' }));
      expect(rawViolations(method, target, answer), `${method} ${target} → ${answer.text}`).toEqual([]);
      return answer;
    },
    async expectError(bytes, { status, code, method = 'POST', target = '/api/v2/api-keys' }, options) {
      const before = await state();
      const answer = only(await send(bytes, options));
      expect({ status: answer.status, code: answer.body?.data?.error?.code }, answer.text).toEqual({
        status,
        code,
      });
      expect(rawViolations(method, target, answer)).toEqual([]);
      expect(await state()).toBe(before);
      return answer;
    },
  };
}

function bytesOf(
  { method = 'GET', target = '/api/v2/me', headers = [], as, body }: RawRequest,
  owner: string,
): Buffer {
  return requestBytes(
    `${method} ${target} HTTP/1.1`,
    [
      ['Host', HOST],
      ...(as === null ? [] : [['Authorization', `Bearer ${as ?? owner}`] as const]),
      ...(body === undefined ? [] : bodyHeaders(headers, body)),
      ...headers,
    ],
    body,
  );
}

/** The headers that describe a body, without those that the caller sets. */
function bodyHeaders(headers: HeaderList, body: string | Buffer): HeaderList {
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
  const isChunked = names.has('transfer-encoding');
  return [
    ...(names.has('content-type') ? [] : [['Content-Type', 'application/json'] as const]),
    ...(names.has('content-length') || isChunked
      ? []
      : [['Content-Length', String(Buffer.byteLength(body))] as const]),
  ];
}

function only(answers: readonly RawAnswer[]): RawAnswer {
  expect(answers.map(({ status }) => status)).toHaveLength(1);
  return answers[0] as RawAnswer;
}

async function stateOf({ storage, owner, clock }: TestService): Promise<string> {
  const all = { sortBy: 'createdAt', sortOrder: 'asc', limit: 10_000, offset: 0, after: null } as const;
  const [alive, revoked] = await Promise.all([
    storage.keys.list(owner.workspaceId, {}, all, clock.now()),
    storage.keys.list(owner.workspaceId, { status: 'revoked' }, all, clock.now()),
  ]);
  return JSON.stringify([...alive.items, ...revoked.items], (name, value: unknown) =>
    name === 'lastUsedAt' ? undefined : value,
  );
}

import type { AddressInfo } from 'node:net';
import {
  GATEWAY_NAMES,
  type Gateway,
  type ReachedRequest,
  type RecordingApi,
  startGateway,
  startRecordingApi,
} from './gateways.ts';
import { exchange, type HeaderList, type RawAnswer, requestBytes } from './raw-http.ts';
import { startTestService, type TestService } from './test-service.ts';

/** The paths below `/open` need a permission that the keys of the tests have, all others need one that they lack. */
const ROUTES = [
  { method: '*', path: '/open/**', permissions: ['calls:read'], cost: 1 },
  { method: '*', path: '/open/admin/**', permissions: ['calls:write'], cost: 1 },
  { method: '*', path: '/open/admin', permissions: ['calls:write'], cost: 1 },
  { method: '*', path: '/admin/**', permissions: ['calls:write'], cost: 1 },
];

/** What the client and the API saw of one request. */
export interface Passage {
  readonly client: RawAnswer;
  /** Empty if the request was denied. */
  readonly reached: readonly ReachedRequest[];
}

/** An API behind each gateway, with Latchkey beside it. */
export interface BehindGateways {
  readonly service: TestService;
  readonly gateways: readonly Gateway[];
  /** A key that may make requests below `/open`. */
  readonly good: PresentedKey;
  /** What the API is told about the good key, by header. */
  readonly identity: Readonly<Record<string, string[]>>;
  /** Sends one request to a gateway, whose header fields are sent after Host. */
  send(gateway: Gateway, line: string, headers: HeaderList): Promise<Passage>;
  close(): Promise<void>;
}

/** Rejects if a gateway is not installed. */
export async function startBehindGateways(): Promise<BehindGateways> {
  const service = await startTestService({ routes: ROUTES });
  await service.app.listen({ host: '127.0.0.1', port: 0 });
  const api = await startRecordingApi();
  const { key: verifier } = await service.createKey({ use: 'verify' });
  const { port: latchkeyPort } = service.app.server.address() as AddressInfo;
  const around = { latchkeyPort, apiPort: api.port, verifier };
  const starts = await Promise.allSettled(GATEWAY_NAMES.map((name) => startGateway(name, around)));
  const gateways = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  const close = () => closeAll(service, api, gateways);
  const failed = starts.find((start) => start.status === 'rejected');
  if (failed) {
    await close();
    throw failed.reason;
  }
  const good = await presentKey(service, 'good');
  return {
    service,
    gateways,
    good,
    identity: {
      'x-latchkey-key-id': [good.id],
      'x-latchkey-owner-id': [service.owner.userId],
      'x-latchkey-workspace-id': [service.owner.workspaceId],
      'x-latchkey-permissions': ['calls:read'],
    },
    async send({ port }, line, headers) {
      api.take();
      const bytes = requestBytes(line, [['Host', 'api.test'], ['Connection', 'close'], ...headers]);
      const [client] = await exchange(port, bytes);
      if (!client) throw new Error(`no answer to ${line}`);
      return { client, reached: api.take() };
    },
    close,
  };
}

async function closeAll(
  service: TestService,
  api: RecordingApi,
  gateways: readonly Gateway[],
): Promise<void> {
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  await api.close();
  await service.close();
}

/** A key of the tests: its text and id, and headers that present it. */
export interface PresentedKey {
  readonly id: string;
  readonly headers: HeaderList;
}

export const KEY_KINDS = ['good', 'revoked', 'unpermitted', 'limited', 'missing', 'malformed'] as const;
export type KeyKind = (typeof KEY_KINDS)[number];

/** The status that the client of a gateway gets with a key of this kind for a path below `/open`. */
export const STATUS_BY_KIND: Readonly<Record<KeyKind, number>> = {
  good: 200,
  revoked: 401,
  unpermitted: 403,
  limited: 429,
  missing: 401,
  malformed: 401,
};

/** Makes a key of a kind; `limited` has used its quota up. */
export async function presentKey(service: TestService, kind: KeyKind): Promise<PresentedKey> {
  if (kind === 'missing') return { id: '', headers: [] };
  if (kind === 'malformed') return { id: '', headers: [['Authorization', 'Bearer not-a-key']] };
  const permissions = kind === 'unpermitted' ? [] : ['calls:read'];
  const rateLimit = { requestsPerMinute: kind === 'limited' ? 1 : null };
  const { apiKey, key } = await service.createKey({ permissions, rateLimit });
  const as = service.owner.secret;
  if (kind === 'revoked') await service.call('DELETE', `/api/v2/api-keys/${apiKey.id}`, { as });
  if (kind === 'limited') await service.call('POST', '/api/v2/api-keys/verify', { as, body: { key } });
  return { id: apiKey.id, headers: [['Authorization', `Bearer ${key}`]] };
}

/** The identity that the API was told, by lower-case name; a name in several spellings has several values. */
export function identityOf({ fields }: ReachedRequest): Record<string, string[]> {
  const told: Record<string, string[]> = {};
  for (const [name, value] of fields) {
    // Frameworks read an underscore like a dash (CGI, RFC 3875, section 4.1.18).
    const read = name.toLowerCase().replaceAll('_', '-');
    if (read.includes('latchkey')) told[read] = [...(told[read] ?? []), value];
  }
  return told;
}

/** Every way in which a gateway, a framework or a file system could read the path of a target, in lower case. */
export function readingsOf(target: string): string[] {
  const [path = ''] = target.split(/[?#]/, 1);
  const texts = new Set([path]);
  for (const read of [
    decoded,
    decoded,
    withoutParameters,
    withSlashes,
    merged,
    resolved,
    decoded,
    merged,
    resolved,
  ])
    for (const text of [...texts]) texts.add(read(text));
  return [...texts].map((text) => text.toLowerCase());
}

function decoded(path: string): string {
  return path.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function withoutParameters(path: string): string {
  return path.replaceAll(/;[^/]*/g, '');
}

function withSlashes(path: string): string {
  return path.replaceAll('\\', '/');
}

function merged(path: string): string {
  return path.replaceAll(/\/{2,}/g, '/');
}

function resolved(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/').slice(1)) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** May the key of the tests make a request whose path is read like this? */
export function isOpen(reading: string): boolean {
  return /^\/open\/./.test(reading) && !/^\/open\/admin(?:\/|$)/.test(reading);
}

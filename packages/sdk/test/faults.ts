import type { IncomingMessage, ServerResponse } from 'node:http';
import { failure, success, verdict } from './peer.ts';

/** What a client gets in place of a verdict. `request` says which call it is. */
export type Fault = (request: { readonly path: string }, response: ServerResponse) => void;

const JSON_TYPE = { 'content-type': 'application/json' };
const HTML = '<!doctype html><title>Welcome</title><p>true</p>';

/** A body that says that the keys are valid, for the call at this path. */
function validBody(path: string, change: object = {}): string {
  const one = { ...verdict, ...change };
  return JSON.stringify(success(path.endsWith('/verify-many') ? { verdicts: [one] } : one));
}

function reply(status: number, headers: Record<string, string>, body: (path: string) => string): Fault {
  return ({ path }, response) => void response.writeHead(status, headers).end(body(path));
}

const changed = (change: object) => reply(200, JSON_TYPE, (path) => validBody(path, change));
const withBody = (body: unknown, status = 200) => reply(status, JSON_TYPE, () => JSON.stringify(body));

/** Sends the headers and half of the body, then does `then`. */
function half(then: (response: ServerResponse) => void): Fault {
  return ({ path }, response) => {
    const body = validBody(path);
    response.writeHead(200, { ...JSON_TYPE, 'content-length': String(body.length) });
    response.write(body.slice(0, body.length / 2), () => then(response));
  };
}

/** No fault: the key is valid. */
export const VALID: Fault = reply(200, JSON_TYPE, validBody);

/** Faults of a server that has accepted the connection. */
export const FAULTS = {
  'no response': () => undefined,
  'a connection reset': (_, response) => void response.socket?.resetAndDestroy(),
  'a connection reset within the body': half((response) => void response.socket?.resetAndDestroy()),
  'a slow body': half(() => undefined),
  'an error 500 of the service': withBody(failure('INTERNAL'), 500),
  'an error 503 of the service': withBody(failure('UNAVAILABLE', true), 503),
  'an error 429 of the service': withBody(failure('RATE_LIMITED', true), 429),
  'an error 401: the key of the client is revoked': withBody(failure('KEY_REVOKED'), 401),
  'an error 403: the key of the client may not verify': withBody(failure('PERMISSION_DENIED'), 403),
  'an error 400': withBody(failure('VALIDATION_FAILED'), 400),
  'an error 500 that says valid': reply(500, JSON_TYPE, validBody),
  '502 with HTML': reply(502, { 'content-type': 'text/html' }, () => HTML),
  '200 with HTML': reply(200, { 'content-type': 'text/html' }, () => HTML),
  '200 with HTML that claims to be JSON': reply(200, JSON_TYPE, () => HTML),
  '200 and a verdict that claims to be HTML': reply(200, { 'content-type': 'text/html' }, validBody),
  '204 without a body': (_, response) => void response.writeHead(204, JSON_TYPE).end(),
  'an empty body': reply(200, JSON_TYPE, () => ''),
  'truncated JSON': reply(200, JSON_TYPE, (path) => validBody(path).slice(0, -2)),
  'a redirect to a server that says valid': reply(302, { location: '/elsewhere' }, validBody),
  'a permanent redirect that keeps the method': reply(308, { location: '/elsewhere' }, validBody),
  'JSON of another service': withBody({ valid: true, code: 'VALID' }),
  'the JSON null': withBody(null),
  'a success without a result': withBody({ success: true, data: { message: 'ok' } }),
  'a list instead of a verdict': withBody(success([verdict])),
  'no verdicts': withBody(success({ verdicts: [], ...verdict, valid: undefined })),
  'two verdicts for one key': withBody(success({ verdicts: [verdict, verdict] })),
  'valid as a text': changed({ valid: 'true' }),
  'valid as a number': changed({ valid: 1 }),
  'valid without a key': changed({ apiKey: undefined }),
  'valid with a key of another shape': changed({ apiKey: { id: 'key_1' } }),
  'valid with the code of a denial': changed({ code: 'KEY_REVOKED' }),
  'valid with an unknown code': changed({ code: 'PROBABLY' }),
  'not valid with an unknown code': changed({ valid: false, code: 'MAYBE' }),
  'not valid with the code VALID': changed({ valid: false }),
  'the verdict UNAVAILABLE': changed({ valid: false, code: 'UNAVAILABLE', apiKey: undefined }),
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof FAULTS;

/** Answers with the fault; at the target of a redirect, says that the key is valid. */
export function inject(fault: Fault, { url: path = '' }: IncomingMessage, response: ServerResponse): void {
  if (path === '/elsewhere') response.writeHead(200, JSON_TYPE).end(validBody('/verify-many'));
  else fault({ path }, response);
}

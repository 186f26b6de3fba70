import { redactSecrets } from '@latchkey/contract';
import { type CheckedAnswer, contractViolations, endpointAt } from '../../harness/contract-checker.ts';
import type { Draft } from './draft.ts';

export interface FuzzAnswer extends CheckedAnswer {
  readonly text: string;
}

/** Patterns of internal details that no answer may contain. */
const LEAKS: Readonly<Record<string, RegExp>> = {
  'a stack trace': /\bat (?:async )?[\w.<>$ ]+ \([^)]*:\d+:\d+\)|\bat (?:file|node):|\n\s+at /,
  'a file path':
    /node_modules|packages[/\\]server|file:\/\/|node:internal|\/(?:home|usr|var|tmp|opt)\/|\.[cm]?[jt]s:\d/,
  SQL: /\b(?:select|insert|update|delete)\b[^"]{0,200}\b(?:from|into|set|where|values)\b|SQLITE_|no such (?:table|column)|constraint failed|\b(?:api_keys|api_key_secrets|name_folded)\b/i,
  'a name of an internal error':
    /\b(?:TypeError|ReferenceError|RangeError|SyntaxError|AssertionError|ERR_[A-Z_]+|FST_\w+|EPIPE|ECONN\w+)\b/,
  'a component or its version':
    /\b(?:fastify|kysely|typebox|ajv|pino|sqlite|express|node\.?js)\b|\bv\d+\.\d+\.\d+\b/i,
  'the default text of a runtime':
    /undefined is not (?:a function|an object|iterable)|Cannot read prop|Unexpected token|\[object /,
};

/** A lone surrogate in JSON text, which is not valid Unicode. */
const HALF_OF_A_PAIR = /\\ud[89ab]..(?!\\ud[c-f])|(?<!\\ud[89ab]..)\\ud[c-f]/i;

const TELLING_HEADERS = ['server', 'x-powered-by', 'via'];
const SHOWS_SECRETS = new Set([
  'createApiKey',
  'rotateApiKey',
  'createSignInLink',
  'createInvitation',
  'resendInvitation',
  'createWorkspace',
]);

/** The faults of an answer, as sentences; empty when there are none. */
export function faultsOf(method: string, url: string, answer: FuzzAnswer): string[] {
  const faults = contractViolations(method, url, answer);
  if (answer.status >= 500) faults.push(`status ${answer.status}`);
  if (HALF_OF_A_PAIR.test(answer.text)) faults.push('half of a surrogate pair');
  for (const name of TELLING_HEADERS) if (name in answer.headers) faults.push(`the header ${name}`);
  return [...faults, ...leaksIn(answer.text), ...secretsIn(method, url, answer)];
}

export function leaksIn(text: string): string[] {
  return Object.entries(LEAKS).flatMap(([what, look]) => {
    const found = look.exec(text)?.[0];
    return found === undefined ? [] : [`${what}: ${JSON.stringify(found)}`];
  });
}

/** Only answers of calls that create a secret may contain one. */
function secretsIn(method: string, url: string, { status, text, headers }: FuzzAnswer): string[] {
  const isMint = status < 300 && SHOWS_SECRETS.has(endpointAt(method, url)?.id ?? '');
  if (isMint && redactSecrets(JSON.stringify(headers)) === JSON.stringify(headers)) return [];
  return redactSecrets(text) === text ? [] : ['a key'];
}

/** The URL as the router reads it: `inject` resolves it as browsers do, and paths are matched decoded. */
export function asRouted(url: string): string {
  const { pathname, search } = new URL(`http://latchkey.test${url}`);
  try {
    return decodeURI(pathname) + search;
  } catch {
    return pathname + search;
  }
}

/** The request in a form that can be sent again by hand. */
export function describeRequest({ method, url, headers, bytes }: Draft): string {
  const body = bytes === undefined ? undefined : printable(bytes);
  return JSON.stringify({ method, url, headers, ...body }, null, 2);
}

const BODY_SHOWN_MAX = 4_000;

function printable(bytes: Buffer): object {
  const text = bytes.toString();
  const isText = Buffer.from(text).equals(bytes);
  const shown = isText ? text : bytes.toString('base64');
  const part =
    shown.length > BODY_SHOWN_MAX ? `${shown.slice(0, BODY_SHOWN_MAX)}… (${bytes.length} bytes)` : shown;
  return isText ? { body: part } : { base64: part };
}

import type { Static, TObject, TSchema } from 'typebox';
import type { ErrorCode } from '../errors.ts';
import type { BuiltInPermission } from '../permissions.ts';
import { Closed } from '../schemas/envelope.ts';
import { OwnWorkspace } from '../schemas/primitives.ts';

export const API_BASE = '/api/v2';

/** The header that names the workspace in which a token of the identity provider acts. */
export const WORKSPACE_HEADER = 'Latchkey-Workspace';

/** The media type of streamed answers. */
export const STREAM_MEDIA_TYPE = 'application/x-ndjson';

/** Who may call: the holder of a permission, or the written reason why no permission is asked for. */
export type Access =
  | { readonly permission: BuiltInPermission }
  | {
      readonly permission: null;
      readonly credential: 'any' | 'none' | 'subject' | 'account';
      readonly because: string;
    };

/** The groups of endpoints, as documents show them. */
export const TAGS = {
  'API keys': 'Make, find, change, rotate and revoke keys.',
  Verification: 'Ask whether a key may do something now.',
  Usage: 'How keys are used, and why they are refused.',
  Workspaces: 'The workspace of the credential, and new ones.',
  Roles: 'What members of a workspace may do.',
  Members: 'Who belongs to a workspace, and as what.',
  Invitations: 'How people come into a workspace.',
  Account: 'Who you are across workspaces.',
  Sessions: 'How people sign in and out of their workspace, in a browser.',
  Permissions: 'What can be granted, and what the caller holds.',
  'Audit log': 'Who changed what, in a chain that shows every later edit.',
  Health: 'For probes and load balancers.',
} as const;

export type Tag = keyof typeof TAGS;

export interface Endpoint {
  /** Unique, camelCase verb phrase: the operation id of the OpenAPI document. */
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From the root of the service, parameters in braces. */
  readonly path: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  readonly access: Access;
  readonly params?: TObject;
  readonly query?: TObject;
  readonly body?: TObject;
  /** The body may be left out altogether. */
  readonly bodyOptional?: true;
  /** Bytes; where it is absent, see `bodyLimitOf`. */
  readonly bodyLimitBytes?: number;
  /** The most values (objects, lists, texts, numbers and so on) in a body; where it is absent, `BODY_VALUES_MAX`. */
  readonly bodyValuesMax?: number;
  /** The call signs somebody in: not for pages of others, which could sign them in as somebody else. */
  readonly signsIn?: true;
  /** A call that needs no credential takes one that proves the account of the person who calls. */
  readonly accountOptional?: true;
  /** The call takes an Idempotency-Key. */
  readonly idempotent?: true;
  /** The call takes If-Match, and its answer carries an ETag. */
  readonly versioned?: true;
  readonly status: 200 | 201 | 202;
  /** The answer is a stream of lines, most of them a `result` each, and has no envelope. */
  readonly streamed?: true;
  readonly result: TObject;
  /** What the call can fail with, beyond what `commonErrors` derives from the definition itself. */
  readonly errors: readonly ErrorCode[];
}

const BODY_LIMIT_BYTES = 64 * 1024;
const SHORT_BODY_LIMIT_BYTES = 1024;
/** More than a list of `PERMISSIONS_MAX` names, or a change of `BULK_ITEMS_MAX` keys, with all that belongs to it. */
export const BODY_VALUES_MAX = 2_000;

type StaticOf<Schema> = Schema extends TSchema ? Static<Schema> : undefined;

export type ParamsOf<E extends Endpoint> = StaticOf<E['params']>;
export type QueryOf<E extends Endpoint> = StaticOf<E['query']>;
export type BodyOf<E extends Endpoint> = E extends { bodyOptional: true }
  ? StaticOf<E['body']> | undefined
  : StaticOf<E['body']>;
export type ResultOf<E extends Endpoint> = Static<E['result']>;

/** Keeps the literal types of a definition. */
export function defineEndpoint<const E extends Endpoint>(endpoint: E): E {
  return endpoint;
}

const NOTHING = Closed({});
const OWN_WORKSPACE_ONLY = Closed({ ...OwnWorkspace });

/** The schema of the query. An endpoint that defines none takes at most the workspace of its credential. */
export function querySchemaOf(endpoint: Endpoint): TObject {
  return endpoint.query ?? (hasWorkspace(endpoint) ? OWN_WORKSPACE_ONLY : NOTHING);
}

/** Is the credential of a call one of a single workspace? One that proves an account may be of several. */
function hasWorkspace(endpoint: Endpoint): boolean {
  return needsCredential(endpoint) && !needsAccount(endpoint);
}

/** The schema of the body. An endpoint that defines none takes no field. */
export function bodySchemaOf(endpoint: Endpoint): TObject {
  return endpoint.body ?? NOTHING;
}

/** May a call leave out its body? An empty body is no body. */
export function isBodyOptional({ body, bodyOptional }: Endpoint): boolean {
  return body === undefined || bodyOptional === true;
}

/** Every error code that a call of the endpoint can answer with, without repetitions. */
export function errorsOf(endpoint: Endpoint): ErrorCode[] {
  return [...new Set([...commonErrors(endpoint), ...endpoint.errors])];
}

function commonErrors(endpoint: Endpoint): ErrorCode[] {
  const codes: ErrorCode[] = [
    'REQUEST_MALFORMED',
    'CREDENTIALS_IN_URL',
    'CREDENTIALS_MALFORMED',
    'VALIDATION_FAILED',
    'FIELD_UNKNOWN',
    'URL_TOO_LONG',
    'HEADERS_TOO_LARGE',
    'INTERNAL',
    'UNAVAILABLE',
    // A body is read and checked on every endpoint, also where the schema names no field of it.
    'JSON_INVALID',
    'BODY_TOO_LARGE',
    'MEDIA_TYPE_UNSUPPORTED',
  ];
  if (endpoint.errors.includes('STORAGE_FULL')) codes.push('COMMIT_UNCONFIRMED');
  if (endpoint.idempotent) codes.push('IDEMPOTENCY_MISMATCH');
  if (endpoint.signsIn) codes.push('ORIGIN_REFUSED');
  if (endpoint.versioned) codes.push('VERSION_MISMATCH');
  if (needsCredential(endpoint)) codes.push(...CREDENTIAL_ERRORS);
  if (endpoint.accountOptional) codes.push(...TOKEN_ERRORS);
  if (takesSession(endpoint)) codes.push('SESSION_INVALID', 'ORIGIN_REFUSED');
  return codes;
}

const CREDENTIAL_ERRORS: readonly ErrorCode[] = [
  'CREDENTIALS_MISSING',
  'KEY_INVALID',
  'KEY_EXPIRED',
  'KEY_DISABLED',
  'KEY_REVOKED',
  'TOKEN_EXPIRED',
  'TOKEN_INVALID',
  'MEMBERSHIP_REQUIRED',
  'WORKSPACE_SUSPENDED',
  'PERMISSION_DENIED',
];

/** Bytes of the longest body that is read: little where the body has no fields, or is read before the caller is known. */
export function bodyLimitOf(endpoint: Endpoint): number {
  const { body, bodyLimitBytes } = endpoint;
  const isEarly = !needsCredential(endpoint) || needsAccount(endpoint) || asksAboutCredential(endpoint);
  const isShort = body === undefined || isEarly;
  return bodyLimitBytes ?? (isShort ? SHORT_BODY_LIMIT_BYTES : BODY_LIMIT_BYTES);
}

/** How a token of the identity provider is refused that the call could have done without. */
const TOKEN_ERRORS: readonly ErrorCode[] = ['TOKEN_EXPIRED', 'TOKEN_INVALID', 'MEMBERSHIP_REQUIRED'];

export function needsCredential(endpoint: Endpoint): boolean {
  return endpoint.access.permission !== null || endpoint.access.credential !== 'none';
}

/** May a session's cookie be the credential? */
export function takesSession(endpoint: Endpoint): boolean {
  return needsCredential(endpoint) && !asksAboutCredential(endpoint);
}

/** Must the credential prove the person, and not only a member of one workspace? Keys never do. */
export function needsAccount({ access }: Endpoint): boolean {
  return access.permission === null && access.credential === 'account';
}

/** Is the credential what the call asks about, and not who asks? Then the endpoint judges it itself. */
export function asksAboutCredential({ access }: Endpoint): boolean {
  return access.permission === null && access.credential === 'subject';
}

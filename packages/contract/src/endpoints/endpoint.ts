import type { Static, TObject, TSchema } from 'typebox';
import type { ErrorCode } from '../errors.ts';
import { Closed } from '../schemas/envelope.ts';
import { OwnWorkspace } from '../schemas/primitives.ts';
import { type Access, asksAboutCredential, needsAccount, needsCredential, takesSession } from './access.ts';

export const API_BASE = '/api/v2';

/** The header that selects the workspace in which an identity provider token acts. */
export const WORKSPACE_HEADER = 'Latchkey-Workspace';

/** The media type of streamed responses. */
export const STREAM_MEDIA_TYPE = 'application/x-ndjson';

/** The tags that group endpoints in the OpenAPI document. */
export const TAGS = {
  'API keys': 'Make, find, change, rotate and revoke keys.',
  Verification: 'Check whether a key is valid and has the permissions for a call.',
  Usage: 'How often keys are used, and why they are denied.',
  Workspaces: 'The workspace of the credential, and new ones.',
  Roles: 'What members of a workspace may do.',
  Members: 'The members of a workspace and their roles.',
  Invitations: 'Invite people to a workspace.',
  Account: 'Your account, across workspaces.',
  Sessions: 'Sign in and out of a workspace in a browser.',
  Permissions: 'The permission catalogue, and the permissions of the caller.',
  'Audit log': 'Who changed what, in a hash chain that reveals tampering.',
  Health: 'For probes and load balancers.',
} as const;

export type Tag = keyof typeof TAGS;

export interface Endpoint {
  /** Unique, camelCase verb phrase: the operation id of the OpenAPI document. */
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From the root of the service; parameters in braces. */
  readonly path: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  readonly access: Access;
  readonly params?: TObject;
  readonly query?: TObject;
  readonly body?: TObject;
  /** The call may have no body. */
  readonly bodyOptional?: true;
  /** In bytes; the default is `bodyLimitOf`. */
  readonly bodyLimitBytes?: number;
  /** The most JSON values (objects, arrays, strings, numbers and so on) in a body; `BODY_VALUES_MAX` by default. */
  readonly bodyValuesMax?: number;
  /** The call signs a person in. It is denied to pages of another origin, which could sign in a visitor as another user. */
  readonly signsIn?: true;
  /** The call needs no credential, but accepts one that proves the account of the caller. */
  readonly accountOptional?: true;
  /** Customers' APIs make this call on each of their own requests, so the server has a shorter path for it. */
  readonly fastPath?: true;
  /** Keys for verification (`use: "verify"`) may make the call; all other calls are denied to them. */
  readonly verifyKeys?: true;
  /** The call accepts an Idempotency-Key header. */
  readonly idempotent?: true;
  /** The call accepts If-Match, and its response has an ETag. */
  readonly versioned?: true;
  readonly status: 200 | 201 | 202;
  /** The response is a stream of lines without an envelope. Most lines are one `result` each. */
  readonly streamed?: true;
  readonly result: TObject;
  /** The error codes of the call, besides those that `commonErrors` derives from the definition. */
  readonly errors: readonly ErrorCode[];
}

const BODY_LIMIT_BYTES = 64 * 1024;
const SHORT_BODY_LIMIT_BYTES = 1024;
/** Enough for a list of `PERMISSIONS_MAX` names, or for a bulk change of `BULK_ITEMS_MAX` keys with every field. */
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

/** The query schema. An endpoint that defines none accepts at most `workspaceId`. */
export function querySchemaOf(endpoint: Endpoint): TObject {
  return endpoint.query ?? (hasWorkspace(endpoint) ? OWN_WORKSPACE_ONLY : NOTHING);
}

/** Does the credential belong to one workspace? A credential that proves an account can have several. */
function hasWorkspace(endpoint: Endpoint): boolean {
  return needsCredential(endpoint) && !needsAccount(endpoint);
}

/** The body schema. An endpoint that defines none accepts no fields. */
export function bodySchemaOf(endpoint: Endpoint): TObject {
  return endpoint.body ?? NOTHING;
}

/** May a call have no body? An empty body counts as none. */
export function isBodyOptional({ body, bodyOptional }: Endpoint): boolean {
  return body === undefined || bodyOptional === true;
}

/** Every error code that the endpoint can return, without duplicates. */
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
    // Every endpoint reads and validates the body, even if its schema has no fields.
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

/** The body limit in bytes. It is smaller if the body has no fields, or is read before the caller is authenticated. */
export function bodyLimitOf(endpoint: Endpoint): number {
  const { body, bodyLimitBytes } = endpoint;
  const isEarly = !needsCredential(endpoint) || needsAccount(endpoint) || asksAboutCredential(endpoint);
  const isShort = body === undefined || isEarly;
  return bodyLimitBytes ?? (isShort ? SHORT_BODY_LIMIT_BYTES : BODY_LIMIT_BYTES);
}

/** The errors of an invalid identity provider token, on a call that accepts a token but does not need one. */
const TOKEN_ERRORS: readonly ErrorCode[] = ['TOKEN_EXPIRED', 'TOKEN_INVALID', 'MEMBERSHIP_REQUIRED'];

/**
 * Every error code of the API. `status` is the HTTP status, `retryable` means that the same call may succeed later
 * unchanged, `message` is the default text for people if the code that fails has no more specific one.
 */
export interface ErrorEntry {
  readonly status: number;
  readonly retryable: boolean;
  readonly message: string;
}

const entry = (status: number, message: string, retryable = false): ErrorEntry => ({
  status,
  retryable,
  message,
});

export const ERRORS = {
  CREDENTIALS_MISSING: entry(401, 'Send a credential: Authorization: Bearer <token>'),
  CREDENTIALS_MALFORMED: entry(400, 'The Authorization header is malformed'),
  CREDENTIALS_IN_URL: entry(400, 'A key must never be part of a URL; send it in the Authorization header'),
  KEY_INVALID: entry(401, 'The key is not valid'),
  KEY_EXPIRED: entry(401, 'The key has expired'),
  KEY_DISABLED: entry(401, 'The key is disabled'),
  KEY_REVOKED: entry(401, 'The key has been revoked'),
  SIGN_IN_FAILED: entry(400, 'Signing in at the identity provider did not succeed'),
  SESSION_INVALID: entry(401, 'Your session has ended; sign in again'),
  TOKEN_EXPIRED: entry(401, 'The token has expired; get a new one from the identity provider'),
  TOKEN_INVALID: entry(401, 'The token is not valid'),
  MEMBERSHIP_REQUIRED: entry(
    403,
    'The token is valid, but its subject is not an active member of this workspace; ask an owner for an invitation',
  ),
  IP_NOT_ALLOWED: entry(403, 'The key may not be used from this address'),
  WORKSPACE_SUSPENDED: entry(403, 'The workspace is suspended'),
  ORIGIN_REFUSED: entry(
    403,
    'The call does not come from a page of this service; open the service at its own address and try again',
  ),
  PERMISSION_DENIED: entry(403, 'The credential lacks a permission that this call needs'),
  PERMISSION_ESCALATION: entry(403, 'You cannot grant permissions that you do not hold'),
  LIMIT_ESCALATION: entry(403, 'A key can only be given limits within those of the key that creates it'),
  ROUTE_NOT_MAPPED: entry(403, 'The route map has no route for this request'),
  NOT_FOUND: entry(404, 'Not found'),
  USER_NOT_FOUND: entry(404, 'No such user in this workspace'),
  ROUTE_NOT_FOUND: entry(404, 'There is nothing at this path'),
  METHOD_NOT_ALLOWED: entry(405, 'This path does not support this method'),
  JSON_INVALID: entry(400, 'The body is not valid JSON'),
  VALIDATION_FAILED: entry(400, 'The request is not valid'),
  FIELD_UNKNOWN: entry(400, 'The request has a field that this call does not accept'),
  EXPIRES_IN_PAST: entry(400, 'expiresAt must be in the future'),
  REQUEST_MALFORMED: entry(400, 'The request is malformed'),
  CONFLICT: entry(409, 'The call conflicts with the current state of the object'),
  LIMIT_REACHED: entry(409, 'The maximum number of these objects is reached'),
  LAST_MANAGING_KEY: entry(
    409,
    'No active key with api-keys:write would be left, and no account can sign in to this workspace: make another such key first, or set force to true',
  ),
  LAST_OWNER: entry(409, 'A workspace must have an active owner: make another member an owner first'),
  VERSION_MISMATCH: entry(412, 'The object has changed since you read it'),
  IDEMPOTENCY_MISMATCH: entry(422, 'This Idempotency-Key was used with another request'),
  BODY_TOO_LARGE: entry(413, 'The body is too large'),
  URL_TOO_LONG: entry(414, 'The URL is too long'),
  MEDIA_TYPE_UNSUPPORTED: entry(415, 'Send the body as application/json in UTF-8, uncompressed'),
  HEADERS_TOO_LARGE: entry(431, 'The request has too many or too large headers'),
  RATE_LIMITED: entry(429, 'The rate limit is reached', true),
  INTERNAL: entry(500, 'Something went wrong on our side'),
  UNAVAILABLE: entry(503, 'The service cannot answer right now', true),
  STORAGE_FULL: entry(503, 'The storage is full', true),
  COMMIT_UNCONFIRMED: entry(
    503,
    'It is not known whether the change was made: read the object before you repeat the call, or repeat it with the same Idempotency-Key',
    true,
  ),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

export const ERROR_CODES = Object.keys(ERRORS) as readonly ErrorCode[];

/** What is wrong with one field of a request; `field` is a path such as `apiKeys[3].name`. */
export interface ErrorDetail {
  readonly field: string;
  readonly message: string;
}

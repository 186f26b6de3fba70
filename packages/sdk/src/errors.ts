import type { ErrorCode, ErrorDetail } from '@latchkey/contract';

/** The error codes of the contract. A newer service may send other codes, so branch with a default. */
export type LatchkeyErrorCode = ErrorCode | (string & Record<never, never>);

interface ErrorFields {
  readonly code: LatchkeyErrorCode;
  readonly message: string;
  readonly status: number;
  readonly details: readonly ErrorDetail[];
  readonly requestId: string;
  readonly retryable: boolean;
  readonly retryAfterSeconds: number | null;
}

/** The service returned an error. Branch on `code` only. */
export class LatchkeyError extends Error {
  override readonly name = 'LatchkeyError';
  readonly code: LatchkeyErrorCode;
  /** The HTTP status. */
  readonly status: number;
  /** The invalid fields of the request, and what is wrong with each. */
  readonly details: readonly ErrorDetail[];
  /** Identifies this call in the log of the service. */
  readonly requestId: string;
  /** Whether the same call may succeed later unchanged. */
  readonly retryable: boolean;
  /** The seconds to wait before the next attempt; null if the service sent no Retry-After header. */
  readonly retryAfterSeconds: number | null;

  constructor(fields: ErrorFields) {
    super(fields.message);
    this.code = fields.code;
    this.status = fields.status;
    this.details = fields.details;
    this.requestId = fields.requestId;
    this.retryable = fields.retryable;
    this.retryAfterSeconds = fields.retryAfterSeconds;
  }
}

/** No response: the service could not be reached, or the call timed out. The call may have taken effect. */
export class LatchkeyConnectionError extends Error {
  override readonly name = 'LatchkeyConnectionError';
}

/** A response that is not from Latchkey: the URL is that of another server, or a proxy responded. */
export class LatchkeyProtocolError extends Error {
  override readonly name = 'LatchkeyProtocolError';
  /** The HTTP status. */
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

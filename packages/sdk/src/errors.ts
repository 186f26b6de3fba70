import type { ErrorCode, ErrorDetail } from '@latchkey/contract';

/** The codes of the contract. A service newer than this client may send others, so branch with a default. */
export type LatchkeyErrorCode = ErrorCode | (string & Record<never, never>);

interface Refusal {
  readonly code: LatchkeyErrorCode;
  readonly message: string;
  readonly status: number;
  readonly details: readonly ErrorDetail[];
  readonly requestId: string;
  readonly retryable: boolean;
  readonly retryAfterSeconds: number | null;
}

/** The service answered, and said no. `code` is the only thing to branch on. */
export class LatchkeyError extends Error {
  override readonly name = 'LatchkeyError';
  readonly code: LatchkeyErrorCode;
  /** The HTTP status. */
  readonly status: number;
  /** Which fields are at fault, and why. */
  readonly details: readonly ErrorDetail[];
  /** Finds this call in the log of the service. */
  readonly requestId: string;
  /** May the same call succeed later without being changed? */
  readonly retryable: boolean;
  /** When to come back at the earliest; null: the service did not say. */
  readonly retryAfterSeconds: number | null;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.code = refusal.code;
    this.status = refusal.status;
    this.details = refusal.details;
    this.requestId = refusal.requestId;
    this.retryable = refusal.retryable;
    this.retryAfterSeconds = refusal.retryAfterSeconds;
  }
}

/** No answer: the service is out of reach, or was too slow. Whether the call took effect is not known. */
export class LatchkeyConnectionError extends Error {
  override readonly name = 'LatchkeyConnectionError';
}

/** An answer that Latchkey cannot have given: the address is that of something else, or something stands between. */
export class LatchkeyProtocolError extends Error {
  override readonly name = 'LatchkeyProtocolError';
  /** The HTTP status. */
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

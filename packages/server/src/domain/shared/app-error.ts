import { ERRORS, type ErrorCode, type ErrorDetail } from '@latchkey/contract';

/** The error that the client gets when a call fails. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: readonly ErrorDetail[];
}

/** An expected error, whose reason the client may see. Any other error is a bug and is reported as INTERNAL. */
export class AppError extends Error implements Failure {
  readonly code: ErrorCode;
  readonly details: readonly ErrorDetail[];

  /** The default of `message` is that of the code. The cause is only logged and never sent to a client. */
  constructor(
    code: ErrorCode,
    options: { message?: string; details?: readonly ErrorDetail[]; cause?: unknown } = {},
  ) {
    super(options.message ?? ERRORS[code].message, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.details = options.details ?? [];
  }
}

/** VALIDATION_FAILED for one field of the input. `message` continues the name of the field: "must not be empty". */
export function invalid(field: string, message: string): AppError {
  return new AppError('VALIDATION_FAILED', { message: `${field} ${message}`, details: [{ field, message }] });
}

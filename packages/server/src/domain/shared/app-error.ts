import { ERRORS, type ErrorCode, type ErrorDetail } from '@latchkey/contract';

/** What somebody is told whose call failed. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: readonly ErrorDetail[];
}

/** The one way in which a call fails for a reason that its caller may know. Any other error is a bug. */
export class AppError extends Error implements Failure {
  readonly code: ErrorCode;
  readonly details: readonly ErrorDetail[];

  /** Without a message the code's own phrase is used. The cause is for the log and never leaves the service. */
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

/** A refusal of one field of the input. */
export function invalid(field: string, message: string): AppError {
  return new AppError('VALIDATION_FAILED', { message: `${field} ${message}`, details: [{ field, message }] });
}

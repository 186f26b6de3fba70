import { ERRORS, type ErrorCode, type ErrorDetail } from '@latchkey/contract';

/** An error response of the service. */
export class ServiceError extends Error {
  readonly code: ErrorCode;
  readonly details: readonly ErrorDetail[];

  constructor(code: ErrorCode, details: readonly ErrorDetail[] = [], message: string = ERRORS[code].message) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

export function invalid(field: string, message: string): ServiceError {
  return new ServiceError('VALIDATION_FAILED', [{ field, message }]);
}

/** PERMISSION_DENIED, which names what is missing. */
export function permissionDenied(missing: readonly string[]): ServiceError {
  return new ServiceError(
    'PERMISSION_DENIED',
    missing.map((field) => ({ field, message: 'is missing' })),
  );
}

/** The error of a call, parameter or field that the double does not have. It names it, as `what`. */
export function unsupported(what: string): ServiceError {
  const message = `@latchkey/sdk/testing does not have ${what}: use the real service`;
  return new ServiceError('ROUTE_NOT_FOUND', [], message);
}

import { AppError } from '../domain/shared/app-error.ts';

export function denyJson(reason: string): AppError {
  return new AppError('JSON_INVALID', { message: `The body is not acceptable JSON: ${reason}` });
}

import type { ErrorDetail } from '@latchkey/contract';
import { LatchkeyConnectionError, LatchkeyError, LatchkeyProtocolError } from '@latchkey/sdk';
import { CommanderError } from 'commander';
import { EXIT, type ExitCode } from './exit-codes.ts';

/** The report of a failed run, for people and programs. */
export interface Failing {
  readonly exitCode: ExitCode;
  /** An error code of the contract or of this program. */
  readonly code: string;
  readonly message: string;
  readonly details?: readonly ErrorDetail[];
  readonly requestId?: string;
  /** What the user can do next. */
  readonly hint?: string;
}

/** An error that the user can act on. Any other error is a bug. */
export class Failure extends Error {
  readonly failing: Failing;

  constructor(failing: Failing) {
    super(failing.message);
    this.name = 'Failure';
    this.failing = failing;
  }
}

export function usageFailure(message: string, hint?: string): Failure {
  return new Failure({ exitCode: EXIT.usage, code: 'USAGE', message, ...(hint !== undefined && { hint }) });
}

/** The report for any thrown value. */
export function failingOf(error: unknown): Failing {
  if (error instanceof Failure) return error.failing;
  if (error instanceof CommanderError) return wrongUsage(error);
  if (error instanceof LatchkeyError) return serviceError(error);
  if (error instanceof LatchkeyConnectionError) return outOfReach('UNREACHABLE', error);
  if (error instanceof LatchkeyProtocolError) return outOfReach('PROTOCOL', error);
  const message = error instanceof Error ? error.message : String(error);
  return { exitCode: EXIT.failure, code: 'INTERNAL', message: `internal: ${message}` };
}

function wrongUsage({ message }: CommanderError): Failing {
  const hint = 'add --help to see how the command is used';
  const text = message.replace(/^error: /, '').replaceAll('\n', ' ');
  return { exitCode: EXIT.usage, code: 'USAGE', message: text, hint };
}

/** Hints for error codes, with the commands and options of this program. */
const HINTS: Readonly<Record<string, string>> = {
  LAST_MANAGING_KEY:
    'add --force to do it anyway; after that, only `latchkey recover` on the machine of the service restores access',
};

function serviceError({ status, code, message, details, requestId }: LatchkeyError): Failing {
  const hint = HINTS[code];
  return { exitCode: exitCodeFor(status), code, message, details, requestId, ...(hint && { hint }) };
}

function exitCodeFor(status: number): ExitCode {
  if (status === 401 || status === 403) return EXIT.credential;
  if (status === 404) return EXIT.notFound;
  return status === 503 ? EXIT.unavailable : EXIT.failure;
}

function outOfReach(code: string, { message }: Error): Failing {
  const hint = 'check that the service runs, and that --url or LATCHKEY_URL is its address';
  return { exitCode: EXIT.unavailable, code, message, hint };
}

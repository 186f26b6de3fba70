import type { Command } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import type { JsonOption } from '../output.ts';

/** The options of every command that works on the service's own machine, by the names its settings have. */
export interface LocalOptions extends JsonOption {
  readonly dataDir?: string;
  readonly databaseUrl?: string;
}

/** Adds the options of LocalOptions. */
export function withLocal(command: Command): Command {
  return command
    .option('--data-dir <folder>', 'where everything is kept; else LATCHKEY_DATA_DIR, else ./data')
    .option('--database-url <url>', 'the database; else DATABASE_URL, else a file in the data folder');
}

/** The kinds of error in which the service's own code speaks to the operator. */
const FOR_OPERATORS: ReadonlySet<string> = new Set(['OperatorError', 'AppError']);

/** What `work` does with the service's own code; errors that the operator can act on become a Failure. */
export async function onService<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isForOperator(error) ? failureFrom(error) : error;
  }
}

/** The service's own words, and refusals of the system such as EADDRINUSE. Anything else is a bug. */
function isForOperator(error: unknown): error is Error {
  return error instanceof Error && (FOR_OPERATORS.has(error.name) || 'syscall' in error);
}

/** What a person is told of an error that the service's own code has for them. */
export function failureFrom(error: Error): Failure {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'CONFIGURATION';
  return new Failure({ exitCode: EXIT.failure, code, message: error.message });
}

import type { Command } from 'commander';
import { omitUndefined, parseId } from '../../arguments.ts';
import { EXIT } from '../../exit-codes.ts';
import { Failure } from '../../failure.ts';
import type { JsonOption } from '../../terminal/output.ts';
import type { Terminal } from '../../terminal/terminal.ts';

/** The options of the commands that run on the host without a key. */
export interface HostOptions extends LocalOptions {
  readonly workspace?: string;
  readonly user?: string;
}

/** Adds the options of HostOptions. */
export function withHost(command: Command): Command {
  return withLocal(command)
    .option('--workspace <id>', 'the workspace; by default the oldest one', parseId)
    .option('--user <id>', 'the member; by default the longest-standing owner', parseId);
}

/** The options of the commands that run on the host of the service. They are named like its settings. */
export interface LocalOptions extends JsonOption {
  readonly dataDir?: string;
  readonly databaseUrl?: string;
}

/** Adds the options of LocalOptions. */
export function withLocal(command: Command): Command {
  return command
    .option('--data-dir <folder>', 'the data folder; else LATCHKEY_DATA_DIR, else ./data')
    .option('--database-url <url>', 'the database; else DATABASE_URL, else a file in the data folder');
}

/** The settings of the service, from the options and the environment. Throws OperatorError. */
export async function localConfig({ env }: Terminal, { dataDir, databaseUrl }: LocalOptions) {
  const { loadConfig } = await import('@latchkey/server');
  return loadConfig(env, omitUndefined({ dataDir, databaseUrl }));
}

/** The error classes of the server code whose message is written for the operator. */
const FOR_OPERATORS: ReadonlySet<string> = new Set(['OperatorError', 'AppError']);

/** Runs `work`, which calls the server code. Turns errors that the operator can act on into a Failure. */
export async function onService<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isForOperator(error) ? failureFrom(error) : error;
  }
}

/** True for errors that the operator can act on, including system errors such as EADDRINUSE. Others are bugs. */
function isForOperator(error: unknown): error is Error {
  return error instanceof Error && (FOR_OPERATORS.has(error.name) || 'syscall' in error);
}

/** The Failure for an error of the server code. */
export function failureFrom(error: Error): Failure {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'CONFIGURATION';
  return new Failure({ exitCode: EXIT.failure, code, message: error.message });
}

/**
 * An error that only the operator of the service can fix: a setting, a file, a database in use. The message is one line
 * that says what is wrong and what to do.
 */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';
}

/** The service was never initialised here. */
export class NotInitialised extends OperatorError {}

/** `problem` goes on after the name: "must be …". It does not repeat a value that may contain a password. */
export function badSetting(name: string, problem: string): OperatorError {
  return new OperatorError(`bad setting: ${name} ${problem}`);
}

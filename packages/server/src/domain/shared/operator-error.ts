/**
 * A situation that only whoever runs the service can mend: a setting, a file, a database in use. The message is one line
 * that says what is wrong and what to do about it.
 */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';
}

/** The service was never initialised here. */
export class NotInitialised extends OperatorError {}

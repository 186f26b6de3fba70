import { EXIT } from './exit-codes.ts';
import { Failure, usageFailure } from './failure.ts';
import { confirm } from './terminal/confirm.ts';
import { isInteractive, type Terminal } from './terminal/terminal.ts';

export interface ConsentOption {
  readonly yes?: boolean;
}

export const YES_OPTION = ['--yes', 'do not ask'] as const;

/**
 * Asks for confirmation before a destructive change. Throws a Failure unless the answer is yes or --yes was given; without
 * a terminal, --yes is required. `question` is called only if there is a terminal.
 */
export async function requireConsent(
  terminal: Terminal,
  { yes }: ConsentOption,
  question: () => string | Promise<string>,
): Promise<void> {
  if (yes) return;
  if (!isInteractive(terminal))
    throw usageFailure(
      'this command needs a confirmation, and there is no terminal to ask on',
      'add --yes to confirm it',
    );
  if (await confirm(terminal, await question())) return;
  throw new Failure({ exitCode: EXIT.failure, code: 'NOT_CONFIRMED', message: 'nothing was changed' });
}

import { confirm } from './confirm.ts';
import { EXIT } from './exit-codes.ts';
import { Failure, usageFailure } from './failure.ts';
import { isInteractive, type Terminal } from './terminal.ts';

export interface ConsentOption {
  readonly yes?: boolean;
}

export const YES_OPTION = ['--yes', 'do not ask'] as const;

/**
 * Asks the person at the terminal before something is destroyed. Throws a Failure unless the answer is yes or --yes was
 * given; in a script, which cannot answer, --yes is required. `question` is only called if there is someone to ask.
 */
export async function requireConsent(
  terminal: Terminal,
  { yes }: ConsentOption,
  question: () => string | Promise<string>,
): Promise<void> {
  if (yes) return;
  if (!isInteractive(terminal))
    throw usageFailure(
      'this command asks first, and there is no terminal to ask at',
      'add --yes to do it without a question',
    );
  if (await confirm(terminal, await question())) return;
  throw new Failure({ exitCode: EXIT.failure, code: 'NOT_CONFIRMED', message: 'nothing was changed' });
}

import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { EXIT } from '../exit-codes.ts';
import { Failure, usageFailure } from '../failure.ts';
import { printable } from './output.ts';
import { isInteractive, type Terminal } from './terminal.ts';

/** Asks the person at the terminal. Returns false without an answer, as on Ctrl-D and Ctrl-C. */
async function confirm({ stdin, stderr }: Terminal, question: string): Promise<boolean> {
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    const closed = once(lines, 'close').then(() => 'no');
    const answered = lines.question(`${printable(question)} [y/N] `).catch(whereAborted);
    const answer = await Promise.race([answered, closed]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}

function whereAborted(error: unknown): string {
  if (error instanceof Error && error.name === 'AbortError') return 'no';
  throw error;
}

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

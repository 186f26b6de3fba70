import type { Verdict } from '@latchkey/sdk';
import { Command } from 'commander';
import { omitUndefined } from '../../arguments.ts';
import { type ConnectionOptions, connect } from '../../connection.ts';
import { EXIT } from '../../exit-codes.ts';
import { usageFailure } from '../../failure.ts';
import { example } from '../../help.ts';
import { print } from '../../terminal/output.ts';
import { readSecretText } from '../../terminal/secret-text.ts';
import { type Fact, facts } from '../../terminal/table.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { type QuestionOptions, withQuestion } from './key-options.ts';

export function keysVerify(terminal: Terminal): Command {
  const command = new Command('verify')
    .summary('verify a key')
    .description(
      'Verifies the key whose text is piped or typed. A valid verdict uses its quota. Exit code 0: valid; 1: not valid.',
    );
  return withQuestion(command)
    .addHelpText('after', example('latchkey keys verify --permissions calls:read < presented.key'))
    .action((options: QuestionOptions) => verify(terminal, options));
}

async function verify(terminal: Terminal, options: QuestionOptions): Promise<void> {
  requireFreeStdin(options);
  const latchkey = await connect(terminal, options);
  const key = await readSecretText(terminal, 'The key to verify');
  const { permissions, cost } = options;
  const verdict = await latchkey.keys.verify({ key, ...omitUndefined({ permissions, cost }) });
  print(terminal, options, verdict, (style) => facts(verdictFacts(verdict), style));
  if (!verdict.valid) terminal.exitCode = EXIT.failure;
}

/** Throws if standard input already holds the key to call with, because it cannot also hold the key to verify. */
export function requireFreeStdin({ keyStdin }: ConnectionOptions): void {
  if (!keyStdin) return;
  throw usageFailure(
    '--key-stdin cannot be used here: standard input holds the key to verify',
    'set LATCHKEY_KEY, or use --key-file',
  );
}

function verdictFacts({ valid, code, apiKey, missing = [], rateLimit }: Verdict): Fact[] {
  const { remainingThisMinute, remainingToday } = rateLimit;
  return [
    ['valid', valid ? 'yes' : `no (${code})`],
    ...(missing.length === 0 ? [] : [['missing', missing.join(', ')] as const]),
    ...(apiKey
      ? [['key', `${apiKey.name} (${apiKey.id})`] as const, ['owner', apiKey.creator.email] as const]
      : []),
    ['left this minute', remaining(remainingThisMinute)],
    ['left today', remaining(remainingToday)],
  ];
}

function remaining(count: number | null): string {
  return count === null ? 'no limit' : String(count);
}

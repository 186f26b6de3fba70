import { type checkApiKey, type ResultOf, VERDICT_CODES } from '@latchkey/contract';
import { LatchkeyError } from '@latchkey/sdk';
import { Command } from 'commander';
import { omitUndefined } from '../../arguments.ts';
import { connect } from '../../connection.ts';
import { EXIT } from '../../exit-codes.ts';
import { example } from '../../help.ts';
import { print } from '../../terminal/output.ts';
import { type Fact, facts } from '../../terminal/table.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { type QuestionOptions, withQuestion } from './key-options.ts';
import { limitFacts } from './key-view.ts';

type Valid = ResultOf<typeof checkApiKey>;

/** The verdict codes that are results about the key. UNAVAILABLE is an error of the service instead. */
const VERDICTS: ReadonlySet<string> = new Set(VERDICT_CODES.filter((code) => code !== 'UNAVAILABLE'));

interface NotValid {
  readonly valid: false;
  readonly code: string;
  readonly message: string;
}

export function keysCheck(terminal: Terminal): Command {
  const command = new Command('check')
    .summary('check the key that makes the call')
    .description('Checks the key that makes the call, and uses its quota. Exit code 0: valid; 1: not valid.');
  return withQuestion(command)
    .addHelpText(
      'after',
      example('latchkey keys check --key-file billing-worker.key --permissions calls:read'),
    )
    .action(async (options: QuestionOptions) => {
      const { permissions, cost } = options;
      const latchkey = await connect(terminal, options);
      const verdict = await latchkey.keys.check(omitUndefined({ permissions, cost })).catch(asVerdict);
      print(terminal, options, verdict, (style) => facts(verdictFacts(verdict), style));
      if (!verdict.valid) terminal.exitCode = EXIT.failure;
    });
}

function asVerdict(error: unknown): NotValid {
  if (!(error instanceof LatchkeyError) || !VERDICTS.has(error.code)) throw error;
  return { valid: false, code: error.code, message: error.message };
}

function verdictFacts(verdict: Valid | NotValid): Fact[] {
  if (!verdict.valid) return [['not valid', `${verdict.message} (${verdict.code})`]];
  return [
    ['valid', verdict.name],
    ['workspace', verdict.workspaceId],
    ['expires', verdict.expiresAt ?? 'never'],
    ...limitFacts(verdict.rateLimit),
  ];
}

import type { ExplanationBody, RefusalBody } from '@latchkey/contract';
import { Command } from 'commander';
import { omitUndefined, parseId } from '../../arguments.ts';
import { connect } from '../../connection.ts';
import { example } from '../../help.ts';
import { print } from '../../terminal/output.ts';
import { type Column, table } from '../../terminal/table.ts';
import { type Terminal, widthOf } from '../../terminal/terminal.ts';
import { type QuestionOptions, withQuestion } from './key-options.ts';

type Step = ExplanationBody['steps'][number];

export function keysExplain(terminal: Terminal): Command {
  const command = new Command('explain')
    .summary('show the verdict a key would get now, and why it was denied')
    .description('Shows the result of every check, and lists the last denials. Uses no quota.')
    .argument('<id>', 'the id of the key', parseId);
  return withQuestion(command)
    .addHelpText(
      'after',
      example('latchkey keys explain key_01kat3g7y8e2f9qk5m4x0v6zrb --permissions calls:read'),
    )
    .action(async (id: string, options: QuestionOptions) => {
      const { permissions, cost } = options;
      const latchkey = await connect(terminal, options);
      const { explanation } = await latchkey.keys.explain(id, omitUndefined({ permissions, cost }));
      const { refusals } = await latchkey.keys.refusals(id);
      const width = widthOf(terminal.stdout);
      print(terminal, options, { explanation, refusals }, (style) => [
        ...table(STEP_COLUMNS, explanation.steps, style, width),
        ...(refusals.length > 0 ? ['', ...table(DENIAL_COLUMNS, refusals, style, width)] : []),
      ]);
    });
}

const STEP_COLUMNS: readonly Column<Step>[] = [
  { title: 'STEP', importance: 9, text: ({ step }) => step },
  { title: '', importance: 8, text: mark, format: ({ passes }) => (passes ? 'green' : 'red') },
  { title: 'FOUND', importance: 7, widthMin: 20, text: ({ note }) => note },
];

const DENIAL_COLUMNS: readonly Column<RefusalBody>[] = [
  { title: 'DENIED', importance: 9, text: ({ at }) => at },
  { title: 'CODE', importance: 8, text: ({ code }) => code },
  { title: 'BY', importance: 7, text: ({ step }) => step },
  { title: 'COST', importance: 4, text: ({ cost }) => String(cost) },
  { title: 'MISSING', importance: 5, widthMin: 10, text: ({ missing }) => missing.join(', ') },
];

function mark({ passes, code }: Step): string {
  return passes ? 'ok' : (code ?? 'no');
}

import { open } from 'node:fs/promises';
import type { ExportProblem, ExportVerdict, Tampering } from '@latchkey/server';
import { Command } from 'commander';
import { type Place, parsePlace } from '../../arguments.ts';
import { EXIT } from '../../exit-codes.ts';
import { usageFailure } from '../../failure.ts';
import { example } from '../../help.ts';
import { type JsonOption, print } from '../../terminal/output.ts';
import type { Terminal } from '../../terminal/terminal.ts';

interface VerifyOptions extends JsonOption {
  readonly anchor?: Place;
}

const FINDINGS: Readonly<Record<Tampering, string>> = {
  edited: 'was edited',
  missing: 'is missing',
  reordered: 'is out of order',
  inserted: 'was inserted later',
  cut: 'and all later entries are missing',
  rewritten: 'does not match the anchor',
};

const NOT_AN_ENTRY = 'line 1 is not an audit entry';

const PROBLEMS: Readonly<Record<ExportProblem, string>> = {
  empty: `${NOT_AN_ENTRY}: the file is empty`,
  'not-an-entry': `${NOT_AN_ENTRY}. Write the file with \`latchkey audit export\`, or \`npm run --silent latchkey -- audit export\``,
  'utf-16': `${NOT_AN_ENTRY}: the file is UTF-16. Write the export as UTF-8`,
  'byte-order-mark': `${NOT_AN_ENTRY}: the file begins with a byte order mark. Write the export as UTF-8 without one`,
};

export function auditVerify(terminal: Terminal): Command {
  return new Command('verify')
    .summary('check an exported audit log for tampering')
    .description(
      'Checks an export offline. Exit code 0: it is complete and unchanged; 1: it is not, and the first broken entry is named; 6: the file is not an export. Without an anchor stored elsewhere, the check cannot detect a log whose last entries were all rewritten.',
    )
    .argument('<file>', 'the output of latchkey audit export')
    .option(
      '--anchor <number:hash>',
      'the output of latchkey audit anchor, from the time of the export or before',
      parsePlace,
    )
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', example('latchkey audit verify audit.ndjson --anchor 1204:9f86d08…'))
    .action((file: string, options: VerifyOptions) => verify(terminal, file, options));
}

async function verify(terminal: Terminal, path: string, options: VerifyOptions): Promise<void> {
  const { verifyAuditExport } = await import('@latchkey/server');
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    throw usageFailure(`the file ${path} cannot be read (${error.code})`);
  });
  const verdict = await verifyAuditExport(file.readLines(), options.anchor);
  print(terminal, options, verdict, (style) => [
    verdict.isIntact ? style('green', describe(verdict)) : style('red', describe(verdict)),
  ]);
  if (!verdict.isIntact) terminal.exitCode = 'problem' in verdict ? EXIT.wrongFile : EXIT.failure;
}

function describe(verdict: ExportVerdict): string {
  if ('problem' in verdict) return PROBLEMS[verdict.problem];
  if (!verdict.isIntact) return `broken: entry ${verdict.sequence} ${FINDINGS[verdict.tampering]}`;
  const { from, head } = verdict;
  const removed = from.sequence > 0 ? `; those up to ${from.sequence} were removed by retention` : '';
  return `intact: entries ${from.sequence + 1} to ${head.sequence} of ${head.workspaceId}${removed}`;
}

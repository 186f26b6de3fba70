import { Command } from 'commander';
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts';
import { EXIT } from '../../exit-codes.ts';
import { Failure } from '../../failure.ts';
import { example } from '../../help.ts';
import { print, printable } from '../../terminal/output.ts';
import type { Terminal } from '../../terminal/terminal.ts';

export function auditAnchor(terminal: Terminal): Command {
  const command = new Command('anchor')
    .summary('print the last entry number and hash of the audit log')
    .description(
      'Prints number and hash of the last entry. Store them where a person who can change the database cannot change them: latchkey audit verify then proves that no entry up to there was changed.',
    );
  return withConnection(command)
    .addHelpText('after', example('latchkey audit anchor >> /mnt/elsewhere/anchors'))
    .action((options: ConnectionOptions) => printAnchor(terminal, options));
}

async function printAnchor(terminal: Terminal, options: ConnectionOptions): Promise<void> {
  const latchkey = await connect(terminal, options);
  const { logs } = await latchkey.auditLog.list({ limit: 1 });
  const [last] = logs;
  if (!last) {
    const message = 'the audit log has no entry yet';
    throw new Failure({ exitCode: EXIT.notFound, code: 'NOT_FOUND', message });
  }
  const { sequence, hash } = last.metadata;
  print(terminal, options, { sequence, hash }, () => [printable(`${sequence}:${hash}`)]);
}

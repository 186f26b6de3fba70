import { once } from 'node:events';
import type { Latchkey } from '@latchkey/sdk';
import { Command } from 'commander';
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts';
import { example } from '../../help.ts';
import { note, printable } from '../../terminal/output.ts';
import { NO_PROGRESS, startProgress } from '../../terminal/progress.ts';
import type { Terminal } from '../../terminal/terminal.ts';

export function auditExport(terminal: Terminal): Command {
  const command = new Command('export')
    .summary('print the whole audit log')
    .description(
      'Prints the whole audit log of the workspace, one JSON object per line. Check it with latchkey audit verify.',
    );
  return withConnection(command)
    .addHelpText('after', example('latchkey audit export > audit.ndjson'))
    .action(async (options: ConnectionOptions) => {
      const latchkey = await connect(terminal, options);
      const count = await write(terminal, latchkey);
      note(terminal, `${count} lines; store their anchor in another place: latchkey audit anchor`);
    });
}

/** Prints lines unchanged, because the hashes cover every character; on a terminal, escapes control characters. */
async function write(terminal: Terminal, latchkey: Latchkey): Promise<number> {
  const { stdout } = terminal;
  const total = async () => (await latchkey.auditLog.list({ limit: 1 })).pagination.total;
  const progress = stdout.isTTY ? NO_PROGRESS : await startProgress(terminal, 'entries', total);
  let count = 0;
  try {
    for await (const line of latchkey.auditLog.export()) {
      count++;
      progress.advance();
      if (!stdout.write(`${stdout.isTTY ? printable(line) : line}\n`)) await once(stdout, 'drain');
    }
  } finally {
    progress.stop();
  }
  return count;
}

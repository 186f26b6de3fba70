import { Command } from 'commander';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { example } from '../help.ts';
import { note, print } from '../output.ts';
import { printable } from '../printable.ts';
import type { Terminal } from '../terminal.ts';

export function signIn(terminal: Terminal): Command {
  const command = new Command('sign-in')
    .summary('print a link that signs you in to your browser')
    .description(
      'Prints a link that signs the owner of the key in, once and within 15 minutes. The key must hold all that its owner may do, without expiry or limits.',
    );
  return withConnection(command)
    .addHelpText('after', example('latchkey sign-in --key-file owner.key'))
    .action((options: ConnectionOptions) => printLink(terminal, options));
}

async function printLink(terminal: Terminal, options: ConnectionOptions): Promise<void> {
  const latchkey = await connect(terminal, options);
  const { signInLink } = await latchkey.sessions.createSignInLink();
  print(terminal, options, { signInLink }, () => [printable(signInLink.url)]);
  if (!options.json) note(terminal, 'Open it in your browser within 15 minutes. It works once.');
}

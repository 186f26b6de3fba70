import { Argument, Command } from 'commander';
import { example } from '../../help.ts';
import type { Terminal } from '../../terminal/terminal.ts';

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;

/**
 * Prints the shell script that completes the commands of the program. The script calls `latchkey complete`, which
 * `withCompletions` defines, each time the user presses the tab key.
 */
export function completion(_terminal: Terminal): Command {
  const command = new Command('completion');
  return command
    .summary('print a script for tab completion in your shell')
    .description(
      'Prints a script that completes commands and options when you press the tab key. latchkey must be in the PATH.',
    )
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText('after', example('source <(latchkey completion bash)'))
    .action(async (shell: string) => {
      const { default: root } = await import('@bomb.sh/tab');
      root.setup('latchkey', 'latchkey', shell);
    });
}

/** Adds the hidden command that the scripts call. Its library is loaded only when the command runs. */
export async function withCompletions(program: Command): Promise<Command> {
  const { default: complete } = await import('@bomb.sh/tab/commander');
  complete(program);
  return program;
}

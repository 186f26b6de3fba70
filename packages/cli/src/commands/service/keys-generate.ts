import { hintOf } from '@latchkey/contract';
import { Command } from 'commander';
import { example } from '../../help.ts';
import { SecretFile } from '../../secret-file.ts';
import { note, print } from '../../terminal/output.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { type MintOptions, SECRET_FILE_OPTION } from '../keys/show-minted.ts';

export function keysGenerate(terminal: Terminal): Command {
  return new Command('generate')
    .summary('print a key for LATCHKEY_BOOTSTRAP_KEY_FILE')
    .description(
      "Prints a new random key. Write it to the file that LATCHKEY_BOOTSTRAP_KEY_FILE names, and it becomes the owner's key on the first start. Calls no service.",
    )
    .option(...SECRET_FILE_OPTION)
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', example('latchkey keys generate --secret-file owner.key'))
    .action((options: MintOptions) => generate(terminal, options));
}

async function generate(terminal: Terminal, options: MintOptions): Promise<void> {
  const { secretFile } = options;
  const { generateBootstrapKey } = await import('@latchkey/server');
  const key = generateBootstrapKey();
  if (secretFile === undefined) {
    print(terminal, options, { key }, () => [key]);
    return;
  }
  const file = await SecretFile.reserve(secretFile);
  await file.save(key);
  print(terminal, options, { key: hintOf(key) }, () => [hintOf(key)]);
  if (!options.json) note(terminal, `The key is in ${file.path}`);
}

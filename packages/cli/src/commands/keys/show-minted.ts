import { hintOf } from '@latchkey/contract';
import type { MintedKey } from '@latchkey/sdk';
import { EXIT } from '../../exit-codes.ts';
import { Failure } from '../../failure.ts';
import { SecretFile } from '../../secret-file.ts';
import { type JsonOption, note, print, warn } from '../../terminal/output.ts';
import { facts } from '../../terminal/table.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { keyFacts } from './key-view.ts';

export interface MintOptions extends JsonOption {
  /** The file to write the secret to, instead of printing it. */
  readonly secretFile?: string;
}

export const SECRET_FILE_OPTION = [
  '--secret-file <file>',
  'write the secret to this new file (mode 0600) instead of printing it',
] as const;

/** Runs `mint` and shows the new key. Its secret is written either to the screen or to the file. */
export async function showMinted(
  terminal: Terminal,
  options: MintOptions,
  mint: () => Promise<MintedKey>,
): Promise<void> {
  const { secretFile } = options;
  if (secretFile !== undefined)
    return saveMinted(terminal, options, await SecretFile.reserve(secretFile), mint);
  const { message, ...result } = await mint();
  print(terminal, options, result, (style) => facts(keyFacts(result.apiKey), style));
  if (!options.json) note(terminal, message);
  warn(terminal, 'this is the only time the key is shown; store it now');
}

async function saveMinted(
  terminal: Terminal,
  options: MintOptions,
  file: SecretFile,
  mint: () => Promise<MintedKey>,
): Promise<void> {
  const { message, key, apiKey } = await mint().catch(async (error: unknown) => {
    await file.abandon();
    throw error;
  });
  if (key === undefined) throw lostSecret(apiKey.id, 'the service did not send it');
  await file.save(key).catch((error: NodeJS.ErrnoException) => {
    throw lostSecret(apiKey.id, `${file.path} cannot be written (${error.code})`);
  });
  const shown = { ...apiKey, key: hintOf(key) };
  print(terminal, options, { apiKey: shown }, (style) => facts(keyFacts(shown), style));
  if (!options.json) note(terminal, `${message}. The secret is in ${file.path}`);
}

function lostSecret(id: string, why: string): Failure {
  return new Failure({
    exitCode: EXIT.failure,
    code: 'SECRET_FILE',
    message: `the key ${id} was created, but its secret is lost: ${why}`,
    hint: `latchkey keys rotate ${id} gives it a new secret, latchkey keys revoke ${id} ends it`,
  });
}

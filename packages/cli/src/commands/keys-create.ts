import type { ApiKeyBody, Permission } from '@latchkey/contract';
import { Command } from 'commander';
import { collectPermissions, parseCount } from '../arguments.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { given } from '../given.ts';
import { example } from '../help.ts';
import { warn } from '../output.ts';
import type { Terminal } from '../terminal.ts';
import { type ExpiryOptions, expiryOf, type LimitOptions, rateLimitOf, withExpiry } from './key-options.ts';
import { type MintOptions, SECRET_FILE_OPTION, showMinted } from './show-minted.ts';

interface CreateOptions extends ConnectionOptions, ExpiryOptions, LimitOptions, MintOptions {
  readonly name: string;
  readonly user?: string;
  /** False: none. Left out: all that may be granted. */
  readonly permissions?: Permission[] | false;
}

export function keysCreate(terminal: Terminal): Command {
  const command = new Command('create')
    .summary('make a key and show its secret once')
    .description('Makes a key and shows its secret, this once.')
    .requiredOption('--name <name>', 'what the key is for')
    .option('--user <id>', 'the owner of the key; yourself by default')
    .option(
      '--permissions <list>',
      'what the key may do, such as agents:read,calls:read; by default all that you may grant',
      collectPermissions,
    )
    .option('--no-permissions', 'a key that may do nothing but be checked')
    .option('--per-minute <count>', 'the most requests in any 60 seconds', parseCount)
    .option('--per-day <count>', 'the most requests in a UTC day', parseCount)
    .option(...SECRET_FILE_OPTION);
  return withConnection(withExpiry(command))
    .addHelpText(
      'after',
      example(
        'latchkey keys create --name "Billing worker" --permissions agents:read,calls:read \\',
        '  --expires-in 30d --per-minute 600 --secret-file billing-worker.key',
      ),
    )
    .action((options: CreateOptions) => create(terminal, options));
}

async function create(terminal: Terminal, options: CreateOptions): Promise<void> {
  const latchkey = await connect(terminal, options);
  const { name, user, permissions } = options;
  await showMinted(terminal, options, async () => {
    const userId = user ?? (await latchkey.me()).caller.userId;
    const granted = permissions === false ? [] : permissions;
    const expiresAt = expiryOf(options);
    const rateLimit = rateLimitOf(options);
    const fields = given({ permissions: granted, expiresAt, rateLimit });
    const minted = await latchkey.keys.create({ name, userId, ...fields });
    if (granted === undefined) warn(terminal, broadGrant(minted.apiKey));
    return minted;
  });
}

/** What a key was given that was asked for without permissions. */
function broadGrant({ permissions, expiresAt }: ApiKeyBody): string {
  const end = expiresAt === null ? 'never expires' : `expires at ${expiresAt}`;
  return `no --permissions were given, so the key holds all ${permissions.length} that you may grant, and it ${end}`;
}

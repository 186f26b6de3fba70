import { type ApiKeyBody, KEY_USES, type KeyUse, type Permission } from '@latchkey/contract';
import { Command, Option } from 'commander';
import { collectPermissions, omitUndefined, parseCount } from '../../arguments.ts';
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts';
import { example } from '../../help.ts';
import { warn } from '../../terminal/output.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { type ExpiryOptions, expiryOf, type LimitOptions, rateLimitOf, withExpiry } from './key-options.ts';
import { type MintOptions, SECRET_FILE_OPTION, showMinted } from './show-minted.ts';

interface CreateOptions extends ConnectionOptions, ExpiryOptions, LimitOptions, MintOptions {
  readonly name: string;
  readonly user?: string;
  /** False: no permissions. Undefined: all permissions that the caller may grant. */
  readonly permissions?: Permission[] | false;
  readonly use?: KeyUse;
}

export function keysCreate(terminal: Terminal): Command {
  const command = new Command('create')
    .summary('create a key and show its secret once')
    .description('Creates a key and shows its secret, which is shown only once.')
    .requiredOption('--name <name>', 'a name that says what the key is for')
    .option('--user <id>', 'the owner of the key; yourself by default')
    .option(
      '--permissions <list>',
      'the permissions of the key, such as agents:read,calls:read; by default all that you may grant',
      collectPermissions,
    )
    .option('--no-permissions', 'create a key without permissions, which can only be verified')
    .addOption(
      new Option(
        '--use <use>',
        'verify: a key for a server or gateway, which has no permissions and may only verify keys',
      )
        .choices(KEY_USES)
        .conflicts('permissions'),
    )
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
  const { name, user, permissions, use } = options;
  await showMinted(terminal, options, async () => {
    const userId = user ?? (await latchkey.me()).caller.userId;
    const granted = permissions === false ? [] : permissions;
    const expiresAt = expiryOf(options);
    const rateLimit = rateLimitOf(options);
    const fields = omitUndefined({ permissions: granted, expiresAt, rateLimit, use });
    const minted = await latchkey.keys.create({ name, userId, ...fields });
    if (granted === undefined && use !== 'verify') warn(terminal, broadGrant(minted.apiKey));
    return minted;
  });
}

/** The note about the permissions and expiry of a key that was created without --permissions. */
function broadGrant({ permissions, expiresAt }: ApiKeyBody): string {
  const end = expiresAt === null ? 'never expires' : `expires at ${expiresAt}`;
  return `no --permissions were given, so the key holds all ${permissions.length} that you may grant, and it ${end}`;
}

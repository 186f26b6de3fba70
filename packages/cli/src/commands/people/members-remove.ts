import { Command } from 'commander';
import { omitUndefined } from '../../arguments.ts';
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts';
import { example } from '../../help.ts';
import { type ConsentOption, requireConsent, YES_OPTION } from '../../terminal/confirm.ts';
import { print, printable } from '../../terminal/output.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { FORCE_OPTION } from '../keys/key-options.ts';
import { countOf } from '../keys/revoke-view.ts';
import { findMember, workspaceIdOf } from './lookup.ts';

interface RemoveOptions extends ConnectionOptions, ConsentOption {
  readonly force?: boolean;
}

export function membersRemove(terminal: Terminal): Command {
  const command = new Command('remove')
    .summary('remove a member and revoke their keys')
    .description(
      'Removes a member from the workspace. Their keys are revoked permanently and their sessions end.',
    )
    .argument('<member>', 'id or address of the member')
    .option(...FORCE_OPTION)
    .option(...YES_OPTION);
  return withConnection(command)
    .addHelpText('after', example('latchkey members remove dana@example.com'))
    .action((text: string, options: RemoveOptions) => remove(terminal, text, options));
}

async function remove(terminal: Terminal, text: string, options: RemoveOptions): Promise<void> {
  const latchkey = await connect(terminal, options);
  const workspaceId = await workspaceIdOf(latchkey);
  const { userId, email, displayName } = await findMember(latchkey, workspaceId, text);
  await requireConsent(terminal, options, async () => {
    const { pagination } = await latchkey.keys.list({ userId, limit: 1 });
    const keys = countOf(pagination.total, 'key');
    return `Remove ${displayName} <${email}> and revoke their ${keys} permanently?`;
  });
  const result = await latchkey.members.remove(workspaceId, userId, omitUndefined({ force: options.force }));
  print(terminal, options, result, () => [
    printable(`Removed ${email} (${userId}) and revoked ${countOf(result.revokedKeys, 'key')}.`),
  ]);
}

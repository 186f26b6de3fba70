import type { MemberStatus } from '@latchkey/contract';
import { Command } from 'commander';
import { omitUndefined } from '../../arguments.ts';
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts';
import { example } from '../../help.ts';
import { type ConsentOption, requireConsent, YES_OPTION } from '../../terminal/confirm.ts';
import { print } from '../../terminal/output.ts';
import { facts } from '../../terminal/table.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { FORCE_OPTION } from '../keys/key-options.ts';
import { findMember, workspaceIdOf } from './lookup.ts';
import { memberFacts } from './member-view.ts';

interface SuspendOptions extends ConnectionOptions, ConsentOption {
  readonly force?: boolean;
}

export function membersSuspend(terminal: Terminal): Command {
  const command = new Command('suspend')
    .summary('suspend a member')
    .description(
      'Suspends a member: their keys are denied and their sessions end, until they are active again.',
    )
    .argument('<member>', 'id or address of the member')
    .option(...FORCE_OPTION)
    .option(...YES_OPTION);
  return withConnection(command)
    .addHelpText('after', example('latchkey members suspend dana@example.com'))
    .action((text: string, options: SuspendOptions) => setStatus(terminal, text, 'suspended', options));
}

export function membersActivate(terminal: Terminal): Command {
  const command = new Command('activate')
    .summary('let a suspended member back in')
    .description('Makes a suspended member active again. Their keys work again.')
    .argument('<member>', 'id or address of the member');
  return withConnection(command)
    .addHelpText('after', example('latchkey members activate dana@example.com'))
    .action((text: string, options: ConnectionOptions) =>
      setStatus(terminal, text, 'active', { ...options, yes: true }),
    );
}

async function setStatus(
  terminal: Terminal,
  text: string,
  status: MemberStatus,
  options: SuspendOptions,
): Promise<void> {
  const latchkey = await connect(terminal, options);
  const workspaceId = await workspaceIdOf(latchkey);
  const { userId, email, displayName } = await findMember(latchkey, workspaceId, text);
  await requireConsent(
    terminal,
    options,
    () => `Suspend ${displayName} <${email}>? All of their keys are denied until they are active again.`,
  );
  const result = await latchkey.members.update(workspaceId, userId, {
    status,
    ...omitUndefined({ force: options.force }),
  });
  print(terminal, options, result, (style) => facts(memberFacts(result.member), style));
}

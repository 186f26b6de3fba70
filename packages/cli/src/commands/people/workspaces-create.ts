import { hintOf } from '@latchkey/contract';
import { Command } from 'commander';
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts';
import { example } from '../../help.ts';
import { SecretFile } from '../../secret-file.ts';
import { note, print, warn } from '../../terminal/output.ts';
import { type Fact, facts } from '../../terminal/table.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { SECRET_FILE_OPTION } from '../keys/show-minted.ts';

interface CreateOptions extends ConnectionOptions {
  readonly secretFile?: string;
}

export function workspacesCreate(terminal: Terminal): Command {
  const command = new Command('create')
    .summary('create a workspace')
    .description('Creates a workspace with you as its owner, and shows its first key only once.')
    .argument('<name>', 'the name of the workspace')
    .option(...SECRET_FILE_OPTION);
  return withConnection(command)
    .addHelpText('after', example('latchkey workspaces create Staging --secret-file staging.key'))
    .action((name: string, options: CreateOptions) => create(terminal, name, options));
}

async function create(terminal: Terminal, name: string, options: CreateOptions): Promise<void> {
  const { secretFile } = options;
  const latchkey = await connect(terminal, options);
  const file = secretFile === undefined ? null : await SecretFile.reserve(secretFile);
  const { workspace, key } = await latchkey.workspaces.create({ name }).catch(async (error: unknown) => {
    await file?.abandon();
    throw error;
  });
  if (file && key !== undefined) await file.save(key);
  const shown = file && key !== undefined ? hintOf(key) : key;
  print(terminal, options, { workspace, ...(shown !== undefined && { key: shown }) }, (style) =>
    facts(createdFacts(workspace.id, workspace.name, shown), style),
  );
  if (file) note(terminal, `The first key of the workspace is in ${file.path}.`);
  else if (key !== undefined) warn(terminal, 'this is the only time the key is shown; store it now');
}

function createdFacts(id: string, name: string, key: string | undefined): Fact[] {
  return [['id', id], ['name', name], ...(key === undefined ? [] : [['first key', key] as const])];
}

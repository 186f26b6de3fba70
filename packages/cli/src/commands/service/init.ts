import { Command } from 'commander';
import { EXIT } from '../../exit-codes.ts';
import { Failure } from '../../failure.ts';
import { example } from '../../help.ts';
import { print, warn } from '../../terminal/output.ts';
import { facts } from '../../terminal/table.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { type LocalOptions, localConfig, onService, withLocal } from './host-options.ts';

interface InitOptions extends LocalOptions {
  readonly workspaceName: string;
  readonly ownerEmail: string;
  readonly ownerName: string;
}

/** The defaults for the first workspace and its owner. */
export const FOUNDING_DEFAULTS = {
  workspaceName: 'My workspace',
  ownerEmail: 'owner@latchkey.localhost',
  ownerName: 'Owner',
};

export function init(terminal: Terminal): Command {
  const { workspaceName, ownerEmail, ownerName } = FOUNDING_DEFAULTS;
  const command = new Command('init')
    .summary('prepare a new service on this machine')
    .description(
      "Creates the data folder, the first workspace, its owner and the owner's key, which is shown only once.",
    )
    .option('--workspace-name <name>', 'the name of the workspace', workspaceName)
    .option('--owner-email <address>', 'the e-mail address of the owner', ownerEmail)
    .option('--owner-name <name>', 'the name of the owner', ownerName);
  return withLocal(command)
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', example('latchkey init --data-dir ./data --owner-email you@example.com'))
    .action((options: InitOptions) => onService(() => initialiseService(terminal, options)));
}

async function initialiseService(terminal: Terminal, options: InitOptions): Promise<void> {
  const { initialise, isInitialised } = await import('@latchkey/server');
  const { workspaceName, ownerEmail, ownerName } = options;
  const config = await localConfig(terminal, options);
  if (await isInitialised(config)) throw initialisedAlready(config.dataDir);
  const {
    workspaceId,
    userId,
    secret: key,
  } = await initialise(config, { workspaceName, ownerEmail, ownerName, agent: 'latchkey init' });
  const isGiven = config.bootstrapKeyFile !== null;
  print(terminal, options, { workspaceId, userId, ...(!isGiven && { key }) }, (style) =>
    facts(
      [
        ['workspace', workspaceId],
        ['owner', userId],
        ['key', isGiven ? 'as in LATCHKEY_BOOTSTRAP_KEY_FILE' : key],
      ],
      style,
    ),
  );
  if (isGiven) return;
  warn(terminal, "this is the only time the owner's key is shown; store it now");
}

function initialisedAlready(dataDir: string): Failure {
  const message = `${dataDir} is initialised already; nothing was changed`;
  return new Failure({ exitCode: EXIT.failure, code: 'CONFLICT', message });
}

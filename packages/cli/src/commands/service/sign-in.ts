import { LatchkeyError } from '@latchkey/sdk';
import type { HostSignInLink } from '@latchkey/server';
import { Command, Option } from 'commander';
import { omitUndefined, parseId } from '../../arguments.ts';
import { type ConnectionOptions, connect, namesKey, withConnection } from '../../connection.ts';
import { EXIT } from '../../exit-codes.ts';
import { Failure } from '../../failure.ts';
import { example } from '../../help.ts';
import { note, print, printable } from '../../terminal/output.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { type HostOptions, onService } from './host-options.ts';

interface SignInOptions extends ConnectionOptions, Pick<HostOptions, 'dataDir' | 'workspace' | 'user'> {}

export function signIn(terminal: Terminal): Command {
  const command = new Command('sign-in')
    .summary('print a link that signs you in to your browser')
    .description(
      'Prints a link that signs the owner of the key in, once and within 15 minutes. The key must hold all that its owner may do, without expiry or limits. Without a key, on the machine of the service, the link signs in an owner of the workspace, who then holds every permission.',
    )
    .addOption(
      new Option(
        '--data-dir <folder>',
        'ask the service with this data folder, without a key; else LATCHKEY_DATA_DIR, else ./data, if there is no key',
      ).conflicts(['url', 'keyFile', 'keyStdin']),
    )
    .option('--workspace <id>', 'without a key: the workspace; else the oldest one', parseId)
    .option(
      '--user <id>',
      'the member to sign in; else the owner of the key, or an owner of the workspace',
      parseId,
    );
  return withConnection(command)
    .addHelpText(
      'after',
      example('latchkey sign-in --key-file owner.key', 'latchkey sign-in --data-dir ./data'),
    )
    .action((options: SignInOptions) => printLink(terminal, options));
}

async function printLink(terminal: Terminal, options: SignInOptions): Promise<void> {
  const isWithKey = options.dataDir === undefined && (await namesKey(terminal, options));
  const signInLink = isWithKey
    ? await linkOfKey(terminal, options)
    : await onService(() => linkOnHost(terminal, options));
  print(terminal, options, { signInLink }, () => [printable(signInLink.url)]);
  if (!options.json) note(terminal, 'Open it in your browser within 15 minutes. It works once.');
}

async function linkOfKey(terminal: Terminal, options: SignInOptions): Promise<HostSignInLink> {
  const latchkey = await connect(terminal, options);
  const { user } = options;
  const made = latchkey.sessions.createSignInLink(omitUndefined({ userId: user }));
  const { signInLink } = await made.catch((error: unknown) => {
    throw user === undefined && isDenied(error) ? tooWeak(error) : error;
  });
  return signInLink;
}

function isDenied(error: unknown): error is LatchkeyError {
  return error instanceof LatchkeyError && error.code === 'PERMISSION_DENIED';
}

/** Leaves out the details, which can list a hundred permissions. */
function tooWeak({ code, message, requestId }: LatchkeyError): Failure {
  const hint = 'on the machine of the service no key is needed: latchkey sign-in --data-dir ./data';
  return new Failure({ exitCode: EXIT.credential, code, message, requestId, hint });
}

async function linkOnHost(
  terminal: Terminal,
  { dataDir, workspace, user }: SignInOptions,
): Promise<HostSignInLink> {
  const { loadConfig, signInOnHost } = await import('@latchkey/server');
  const config = loadConfig(terminal.env, omitUndefined({ dataDir }));
  const link = await signInOnHost(config, omitUndefined({ workspaceId: workspace, userId: user }));
  if (link) return link;
  throw new Failure({
    exitCode: EXIT.credential,
    code: 'CREDENTIALS_MISSING',
    message: `no key was given, and no service that runs with the data folder ${config.dataDir} can be asked without one`,
    hint: 'set LATCHKEY_KEY or use --key-file; or start the service here, or name its folder with --data-dir',
  });
}

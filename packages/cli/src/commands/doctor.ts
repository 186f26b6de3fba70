import type { Config, Finding } from '@latchkey/server';
import { Command } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { given } from '../given.ts';
import { example } from '../help.ts';
import { print } from '../output.ts';
import { printable } from '../printable.ts';
import type { Format, Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';
import { type LocalOptions, onService, withLocal } from './local-options.ts';
import { examineRunning } from './running-service.ts';

const MARKS: Readonly<Record<Finding['status'], readonly [format: Format, mark: string]>> = {
  ok: ['green', '✓'],
  warning: ['yellow', '!'],
  failed: ['red', '✗'],
};

export function doctor(terminal: Terminal): Command {
  const command = new Command('doctor')
    .summary('look for what is wrong with a service on this machine')
    .description(
      'Looks at everything a service needs on this machine; a service that runs is asked for its health, where PORT and HOST or LATCHKEY_URL say. Exit code 1 where something is wrong.',
    );
  return withLocal(command)
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', example('latchkey doctor --data-dir ./data'))
    .action((options: LocalOptions) => onService(() => examine(terminal, options)));
}

async function examine(terminal: Terminal, options: LocalOptions): Promise<void> {
  const { diagnose, loadConfig } = await import('@latchkey/server');
  const { dataDir, databaseUrl } = options;
  const config = loadConfig(terminal.env, given({ dataDir, databaseUrl }));
  const findings = await withRunning(await diagnose(config), config, terminal.env.LATCHKEY_URL);
  print(terminal, options, { findings }, (style) => findings.map((finding) => line(finding, style)));
  if (findings.some(({ status }) => status === 'failed')) terminal.exitCode = EXIT.failure;
}

/** The findings, with what the API says if a service is running. */
async function withRunning(
  findings: readonly Finding[],
  config: Config,
  url: string | undefined,
): Promise<Finding[]> {
  if (!findings.some(isInUse)) return [...findings];
  const running = await examineRunning(config, url);
  const inUse: Finding = {
    check: 'database',
    status: 'ok',
    message: 'in use by the running service; stop it to have the file itself examined',
  };
  const known =
    running.status === 'warning' ? findings : findings.map((each) => (isInUse(each) ? inUse : each));
  return [...known, running];
}

/** The one thing that `diagnose` warns of about a database: a running service has it. */
function isInUse({ check, status }: Finding): boolean {
  return check === 'database' && status === 'warning';
}

function line({ check, status, message }: Finding, style: Style): string {
  const [format, mark] = MARKS[status];
  return `${style(format, mark)} ${printable(`${check}: ${message}`)}`;
}

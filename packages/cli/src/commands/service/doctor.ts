import type { Config, Finding } from '@latchkey/server';
import { Command } from 'commander';
import { EXIT } from '../../exit-codes.ts';
import { example } from '../../help.ts';
import { print, printable } from '../../terminal/output.ts';
import type { Format, Style } from '../../terminal/style.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { type LocalOptions, localConfig, onService, withLocal } from './host-options.ts';
import { examineRunning } from './running-service.ts';

const MARKS: Readonly<Record<Finding['status'], readonly [format: Format, mark: string]>> = {
  ok: ['green', '✓'],
  warning: ['yellow', '!'],
  failed: ['red', '✗'],
};

export function doctor(terminal: Terminal): Command {
  const command = new Command('doctor')
    .summary('check a service on this machine for problems')
    .description(
      'Checks everything a service needs on this machine. If the service runs, asks for its health at PORT and HOST, or at LATCHKEY_URL. Exit code 1 if a check fails.',
    );
  return withLocal(command)
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', example('latchkey doctor --data-dir ./data'))
    .action((options: LocalOptions) => onService(() => examine(terminal, options)));
}

async function examine(terminal: Terminal, options: LocalOptions): Promise<void> {
  const { diagnose } = await import('@latchkey/server');
  const config = await localConfig(terminal, options);
  const findings = await withRunning(await diagnose(config), config, terminal.env.LATCHKEY_URL);
  print(terminal, options, { findings }, (style) => findings.map((finding) => line(finding, style)));
  if (findings.some(({ status }) => status === 'failed')) terminal.exitCode = EXIT.failure;
}

/** The findings of `diagnose`, and the health of the service if it is running. */
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
    message: 'in use by the running service; stop the service to check the file itself',
  };
  const known =
    running.status === 'warning' ? findings : findings.map((each) => (isInUse(each) ? inUse : each));
  return [...known, running];
}

/** The only warning that `diagnose` has for a database is that a running service uses it. */
function isInUse({ check, status }: Finding): boolean {
  return check === 'database' && status === 'warning';
}

function line({ check, status, message }: Finding, style: Style): string {
  const [format, mark] = MARKS[status];
  return `${style(format, mark)} ${printable(`${check}: ${message}`)}`;
}

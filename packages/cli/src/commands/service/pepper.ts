import type { PepperState } from '@latchkey/server';
import { Command } from 'commander';
import { omitUndefined } from '../../arguments.ts';
import { example } from '../../help.ts';
import { print, printable } from '../../terminal/output.ts';
import { utc } from '../../terminal/quantities.ts';
import { facts } from '../../terminal/table.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { type LocalOptions, localConfig, onService, withLocal } from './host-options.ts';

interface ForceOptions extends LocalOptions {
  readonly force?: boolean;
}

export function pepper(terminal: Terminal): Command {
  return new Command('pepper')
    .summary('replace the pepper without downtime')
    .description(
      'Replaces the pepper, the secret of the service itself, while old and new keys verify: add, activate, status, remove.',
    )
    .addCommand(add(terminal))
    .addCommand(activate(terminal))
    .addCommand(status(terminal))
    .addCommand(remove(terminal))
    .addHelpText('after', example('latchkey pepper add'));
}

function add(terminal: Terminal): Command {
  const command = new Command('add')
    .summary('add a new pepper to the pepper file')
    .description(
      'Adds a new pepper to the pepper file on this machine, in front of the present one. Nothing uses it yet. The service may be running.',
    );
  return withOutput(command, 'latchkey pepper add --data-dir ./data').action((options: LocalOptions) =>
    onService(async () => {
      const { addPepper } = await import('@latchkey/server');
      const added = addPepper(await localConfig(terminal, options));
      print(terminal, options, added, () => [
        printable(`Added the pepper ${added.added} to ${added.file}.`),
        added.isShared
          ? 'Next: copy this file to every other instance and restart all instances, one after another. Then run `latchkey pepper activate` on one of them.'
          : 'Next: restart the service, which then uses it.',
      ]);
    }),
  );
}

function activate(terminal: Terminal): Command {
  const command = new Command('activate')
    .summary('make the new pepper the current one')
    .description(
      'Makes the newest pepper of the file the current one. Fails if a live instance was started without it: such an instance could not verify the keys that others have rehashed, and answers 503. With SQLite, the next start of the service does this.',
    );
  command.option('--force', 'also if a live instance does not have it, which then answers 503');
  return withOutput(command, 'latchkey pepper activate --data-dir ./data').action((options: ForceOptions) =>
    onService(async () => {
      const { activatePepper } = await import('@latchkey/server');
      const { force } = options;
      const activated = await activatePepper(await localConfig(terminal, options), omitUndefined({ force }));
      print(terminal, options, activated, () => [
        `The current pepper is ${activated.current}. Keys are rehashed when they are used; \`latchkey pepper status\` shows which still need the older one.`,
      ]);
    }),
  );
}

function status(terminal: Terminal): Command {
  const command = new Command('status')
    .summary('show what still needs the older pepper')
    .description(
      'Shows what still needs the older pepper. A key needs it until it is used once; sessions, sign-in links and invitations from before need it until they expire. Asks the running service, else its database.',
    );
  return withOutput(command, 'latchkey pepper status --data-dir ./data').action((options: LocalOptions) =>
    onService(async () => {
      const { pepperState } = await import('@latchkey/server');
      const state = await pepperState(await localConfig(terminal, options));
      print(terminal, options, { ...state, since: utc(state.since) }, (style) =>
        facts(factsOf(state), style),
      );
    }),
  );
}

function remove(terminal: Terminal): Command {
  const command = new Command('remove')
    .summary('remove the older pepper from the pepper file')
    .description(
      'Removes the older pepper from the pepper file on this machine when nothing needs it. Running instances keep it in memory until their next start.',
    )
    .option('--force', 'also if something needs it, which is denied from the next start on');
  return withOutput(command, 'latchkey pepper remove --data-dir ./data').action((options: ForceOptions) =>
    onService(async () => {
      const { removePeppers } = await import('@latchkey/server');
      const { force } = options;
      const state = await removePeppers(await localConfig(terminal, options), omitUndefined({ force }));
      print(terminal, options, { ...state, since: utc(state.since) }, () => [
        'Removed the older pepper from the pepper file. Copy the file to every other instance. Keep a copy of it elsewhere; backups from before need the older one.',
      ]);
    }),
  );
}

function withOutput(command: Command, sample: string): Command {
  return withLocal(command)
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', example(sample));
}

function factsOf({ current, others, since, keys, rows, tokens }: PepperState): [string, string][] {
  return [
    ['current', current],
    ['since', utc(since) ?? 'the first start'],
    ['older', others.length === 0 ? 'none' : others.join(', ')],
    ['keys not used since', String(keys)],
    ['sign-ins and invitations from before', String(tokens)],
    ['rows not sealed again', String(rows)],
  ];
}

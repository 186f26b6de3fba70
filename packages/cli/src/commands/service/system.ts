import { Command } from 'commander';
import { omitUndefined } from '../../arguments.ts';
import { EXIT } from '../../exit-codes.ts';
import { Failure } from '../../failure.ts';
import { example } from '../../help.ts';
import { type JsonOption, print } from '../../terminal/output.ts';
import { type Fact, facts } from '../../terminal/table.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { onService } from './host-options.ts';

interface SystemOptions extends JsonOption {
  readonly dataDir?: string;
}

export function system(terminal: Terminal): Command {
  return new Command('system')
    .summary('show the state of the running service')
    .description(
      'Shows, on the machine of the service and without a key, whether the service works, and its instances.',
    )
    .option('--data-dir <folder>', 'the data folder of the service; else LATCHKEY_DATA_DIR, else ./data')
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', example('latchkey system --data-dir ./data'))
    .action((options: SystemOptions) => onService(() => show(terminal, options)));
}

async function show(terminal: Terminal, options: SystemOptions): Promise<void> {
  const { loadConfig, systemOnHost } = await import('@latchkey/server');
  const { dataDir } = loadConfig(terminal.env, omitUndefined({ dataDir: options.dataDir }));
  const state = await systemOnHost({ dataDir });
  if (!state)
    throw new Failure({
      exitCode: EXIT.failure,
      code: 'UNAVAILABLE',
      message: `no service runs with the data folder ${dataDir}`,
      hint: 'start it, or name its folder with --data-dir',
    });
  const all: Fact[] = [['status', state.status], ...state.problems.map((text): Fact => ['problem', text])];
  for (const instance of state.instances) {
    const { id, version, startedAt, heartbeatAt, host, pid, cachedKeys, lagMs, lastError } = instance;
    all.push(['instance', id], ['host', `${host}, process ${pid}`], ['version', version]);
    all.push(['started', startedAt], ['heartbeat', String(heartbeatAt)]);
    all.push(['cached keys', String(cachedKeys)], ['lag', `${lagMs} ms`]);
    all.push(['last error', lastError ? `${lastError.at} ${lastError.message}` : 'none']);
  }
  print(terminal, options, { system: state }, (style) => facts(all, style));
  if (state.status !== 'healthy') terminal.exitCode = EXIT.failure;
}

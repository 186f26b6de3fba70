import type { Permission } from '@latchkey/contract';
import type { Config, Founded, Service, WorkerRole } from '@latchkey/server';
import { Command, InvalidArgumentError, Option } from 'commander';
import { omitUndefined } from '../../arguments.ts';
import { EXIT } from '../../exit-codes.ts';
import { Failure } from '../../failure.ts';
import { example } from '../../help.ts';
import { print } from '../../terminal/output.ts';
import { printError } from '../../terminal/print-error.ts';
import { listenForStop } from '../../terminal/signals.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { failureFrom, type LocalOptions, onService, withLocal } from './host-options.ts';
import { FOUNDING_DEFAULTS } from './init.ts';
import { examplePermission, type FirstStart, foundingLines, readyLines } from './serve-view.ts';

interface ServeOptions extends LocalOptions {
  readonly host?: string;
  readonly port?: string;
  readonly logLevel?: string;
  readonly init?: boolean;
  readonly acceptOlderData?: boolean;
  readonly workers?: number;
  /** Only in a worker, which `serve --workers` has started. */
  readonly worker?: WorkerRole;
}

interface Started {
  readonly service: Service;
  /** Null if the service was set up before. */
  readonly first: FirstStart | null;
}

export function serve(terminal: Terminal): Command {
  const command = new Command('serve')
    .summary('run the service')
    .description(
      'Runs the service until it gets SIGTERM or SIGINT. It then finishes pending requests and stops.',
    )
    .option('--host <host>', 'where to listen; else HOST, else 127.0.0.1')
    .option('--port <port>', 'where to listen, 0 for any free port; else PORT, else 7400')
    .option(
      '--log-level <level>',
      'fatal, error, warn, info, debug, trace or silent; else LATCHKEY_LOG_LEVEL, else info',
    )
    .option('--init', "prepare a new data folder first, and show the owner's key once")
    .option(
      '--accept-older-data',
      'start with a database that lacks acknowledged changes, such as a restored copy',
    );
  command
    .option(
      '--workers <count>',
      'run this many processes, one for each processor for example; needs PostgreSQL',
      parseWorkers,
    )
    .addOption(new Option('--worker <number@url>').argParser(parseWorker).hideHelp());
  return withLocal(command)
    .option('--json', 'print address and, on the first start, ids and key as one line of JSON')
    .addHelpText('after', example('latchkey serve --init --data-dir ./data --port 7400'))
    .action((options: ServeOptions) => onService(() => runService(terminal, options)));
}

async function runService(terminal: Terminal, options: ServeOptions): Promise<void> {
  const { loadConfig, serveParent, startService } = await import('@latchkey/server');
  const { dataDir, databaseUrl, host, port, logLevel, acceptOlderData } = options;
  const flags = omitUndefined({ dataDir, databaseUrl, host, port, logLevel, acceptOlderData });
  const config = loadConfig(terminal.env, flags);
  if (options.worker) {
    const { worker } = options;
    terminal.outlivesOutput = true;
    return serveParent(() => startService(config, worker));
  }
  if (options.workers !== undefined && options.workers > 1)
    return runWorkers(terminal, options, config, options.workers);
  const { service, first } = await startOrFound(terminal, config, options);
  // Before the address is printed, because a reader of that line may send a signal at once.
  const untilStopped = listenForStop();
  terminal.outlivesOutput = true;
  // Exits without finishing requests, because the state in memory may be wrong.
  void service.mustEnd.then((reason) =>
    process.exit(printError(terminal, failureFrom(reason), options.json === true)),
  );
  announce(terminal, options, service.url, first);
  await untilStopped(() => service.close());
}

const WORKERS_MAX = 64;

function parseWorkers(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > WORKERS_MAX)
    throw new InvalidArgumentError(`It must be a number from 1 to ${WORKERS_MAX}.`);
  return count;
}

function parseWorker(text: string): WorkerRole {
  const [number, url = ''] = text.split(/@(.*)/);
  return { number: Number(number), url };
}

/** Sets the service up if it is new, and runs it in several processes. */
async function runWorkers(
  terminal: Terminal,
  options: ServeOptions,
  config: Config,
  count: number,
): Promise<void> {
  const { isInitialised, requireSharedDatabase, signInOnHost, startWorkers } = await import(
    '@latchkey/server'
  );
  requireSharedDatabase(config);
  const founded = (await isInitialised(config)) ? null : await foundOnly(config, options);
  const untilStopped = listenForStop();
  try {
    const args = ({ number, url }: WorkerRole) => ['--worker', `${number}@${url}`];
    const workers = await startWorkers(config, count, args);
    terminal.outlivesOutput = true;
    const link = founded && (await signInOnHost(config, founded));
    const permission = await firstPermission(config);
    announce(
      terminal,
      options,
      workers.url,
      founded && link && { ...founded, permission, signInUrl: link.url },
    );
    await untilStopped(() => workers.close());
  } catch (error) {
    if (founded) printFounded(terminal, options, founded);
    throw error;
  }
}

/** Sets up a new service only if a normal start fails with NotInitialised, so a normal start needs no extra check. */
async function startOrFound(terminal: Terminal, config: Config, options: ServeOptions): Promise<Started> {
  const { NotInitialised, startService } = await import('@latchkey/server');
  try {
    return { service: await startService(config), first: null };
  } catch (error) {
    if (!(error instanceof NotInitialised)) throw error;
  }
  return found(terminal, config, options);
}

/** Null if no secret is to be shown: another instance has set the service up, or the operator has the key already. */
async function foundOnly(config: Config, options: ServeOptions): Promise<Founded | null> {
  const { AppError, initialise } = await import('@latchkey/server');
  if (options.init !== true) throw notInitialised(config);
  const founding = { ...FOUNDING_DEFAULTS, agent: 'latchkey serve --init' };
  const founded = await initialise(config, founding).catch((error: unknown) => {
    // Another instance over the same database has set the service up at the same time.
    if (error instanceof AppError && error.code === 'CONFLICT') return null;
    throw error;
  });
  return config.bootstrapKeyFile === null ? founded : null;
}

async function firstPermission(config: Config): Promise<Permission> {
  const { readCatalogue } = await import('@latchkey/server');
  return examplePermission(readCatalogue(config).permissions);
}

async function found(terminal: Terminal, config: Config, options: ServeOptions): Promise<Started> {
  const { startService } = await import('@latchkey/server');
  const founded = await foundOnly(config, options);
  if (founded === null) return { service: await startService(config), first: null };
  try {
    const service = await startService(config);
    const permission = await firstPermission(config);
    return { service, first: { ...founded, permission, signInUrl: await service.signInUrl(founded) } };
  } catch (error) {
    printFounded(terminal, options, founded);
    throw error;
  }
}

/** The service is set up although the start failed, and the key cannot be shown later. */
function printFounded(terminal: Terminal, options: ServeOptions, founded: Founded): void {
  print(terminal, options, shown(founded), () => foundingLines(founded));
}

function notInitialised({ dataDir }: Config): Failure {
  return new Failure({
    exitCode: EXIT.failure,
    code: 'NOT_INITIALISED',
    message: `${dataDir} is not initialised. Run \`latchkey init --data-dir ${dataDir}\` first, or \`latchkey serve --init\`, which does both`,
  });
}

function announce(terminal: Terminal, options: ServeOptions, url: string, first: FirstStart | null): void {
  print(terminal, options, { url, ...(first && { ...shown(first), signInUrl: first.signInUrl }) }, () =>
    readyLines(url, first),
  );
  if (options.json) terminal.stderr.write(`Latchkey is listening on ${url}\n`);
}

/** The fields that `init` prints. */
function shown({ workspaceId, userId, secret }: Founded) {
  return { workspaceId, userId, key: secret };
}

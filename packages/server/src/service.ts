import { assemble, type Parts } from './compose.ts';
import { backupFolder } from './compose-backup.ts';
import { openIdentity, openMailer, openTraces } from './compose-optional.ts';
import type { SharedLimits } from './compose-verification.ts';
import type { Config } from './config/config.ts';
import { readPeppers } from './config/pepper-file.ts';
import { readRoutesFile } from './config/routes-file.ts';
import { openCounterStore } from './counters/open-counter-store.ts';
import type { Bootstrapped } from './domain/bootstrap/bootstrap-service.ts';
import type { InstanceHealth } from './domain/host/instances.ts';
import { createSignInLink } from './domain/sessions/create-sign-in-link.ts';
import { operator } from './domain/shared/caller.ts';
import { systemClock } from './domain/shared/clock.ts';
import { Keyring } from './domain/shared/keyring.ts';
import { NotInitialised, OperatorError } from './domain/shared/operator-error.ts';
import { listenProblem, requireFreePort } from './free-port.ts';
import { openHost } from './host-calls.ts';
import { listenForMetrics } from './http/metrics-server.ts';
import { signInUrl } from './http/pages/urls.ts';
import { presentSystemOnHost } from './http/present/system.ts';
import type { HttpServer } from './http/server.ts';
import { hasPepper } from './initialise.ts';
import { backupJobs, storageJobs } from './jobs/jobs.ts';
import { schedule, shareJobs } from './jobs/schedule.ts';
import { isFounded, openConfigured } from './local-storage.ts';
import { createLogger } from './log-output.ts';
import { DatabaseDisplaced } from './storage/engines/engine.ts';
import type { Storage } from './storage/storage.ts';
import { receiveConnections, type WorkerRole } from './worker-process.ts';

/** A service that answers requests. */
export interface Service {
  /** Where it listens, e.g. `http://127.0.0.1:7400`. */
  readonly url: string;
  /** A link with which the owner can sign in, once, within 15 minutes. */
  signInUrl(owner: Pick<Bootstrapped, 'workspaceId' | 'userId'>): Promise<string>;
  /**
   * Resolves with the reason when the service must stop at once: the files of the database were removed or replaced, so
   * its cached data may be wrong. Otherwise it stays pending.
   */
  readonly mustEnd: Promise<OperatorError>;
  /** Finishes the pending requests, writes deferred data (usage, denied calls, day counts) and closes the database. */
  close(): Promise<void>;
}

/**
 * Starts the service. Throws NotInitialised if `initialise` has not run, another OperatorError, or a system error; it closes
 * everything that it opened before it throws. If the port is in use, nothing is written. `worker`: the process is one of
 * several that share the port and the data folder; null: it is alone.
 */
export async function startService(config: Config, worker: WorkerRole | null = null): Promise<Service> {
  if (worker === null) await requireFreePort(config);
  if (!(await hasPepper(config)))
    throw new NotInitialised('there is no pepper; initialise the service first');
  const opened = new Opened();
  try {
    return await openService(config, worker, opened);
  } catch (error) {
    // The first error is the cause.
    await opened.close().catch(() => {});
    throw error;
  }
}

async function openService(config: Config, worker: WorkerRole | null, opened: Opened): Promise<Service> {
  const keyring = Keyring.of(readPeppers(config.pepperFile));
  const backups = backupJobs(backupFolder(config, keyring));
  // A worker does not listen itself.
  const publicUrl = config.publicUrl ?? worker?.url ?? null;
  const parts = { ...(await openParts(config, keyring, opened)), publicUrl };
  const { storage, clock, logger } = parts;
  const { app, instanceId, jobs, metrics, describe, close } = await assemble(parts);
  let stopJobs = async () => {};
  opened.add({ close: () => close(() => stopJobs()) });
  await openMetrics(config, worker, metrics, opened);
  const url = worker === null ? await listen(app, config) : worker.url;
  if (worker !== null) receiveConnections(app);
  const { catalogue } = storage;
  const needs = { unitOfWork: storage, keyring, clock, catalogue, logger };
  const linkTo = (token: string) => signInUrl(publicUrl ?? url, token);
  // One of several workers answers commands on this machine, for all of them.
  if (worker === null || worker.number === 1) {
    const system = async () => presentSystemOnHost(await describe());
    const pepper = () => storage.pepperState(clock.now());
    opened.add(await openHost(config, needs, linkTo, { system, pepper, metrics }));
  }
  const all = shareJobs([...jobs, ...storageJobs(storage), ...backups], storage.peers, instanceId);
  stopJobs = schedule(all, (job, error) => logger.error({ err: error, job }, 'job failed'));
  return {
    url,
    mustEnd: displacementOf(storage),
    async signInUrl(founded) {
      const caller = operator(catalogue, founded, 'latchkey serve --init');
      return linkTo((await createSignInLink(needs, caller)).token);
    },
    close: () => opened.close(),
  };
}

/** Opens what a service is made of. Throws NotInitialised if the database has no workspace. */
async function openParts(config: Config, keyring: Keyring, opened: Opened): Promise<Parts> {
  let lastError: InstanceHealth['lastError'] = null;
  const logger = createLogger(config.logLevel, undefined, (message) => {
    lastError = { at: systemClock.now(), message };
  });
  const tracing = config.sendsTraces ? opened.add(await openTraces(logger)) : null;
  const tracer = tracing?.tracer ?? null;
  const storage = opened.add(await openConfigured(config, keyring, tracer));
  if (!(await isFounded(storage)))
    throw new NotInitialised('the database has no workspace; initialise it first');
  for (const { name: setting, nearest } of config.unknownSettings)
    logger.warn({ setting, nearest }, 'an environment variable is not a setting and has no effect');
  const { auditRetentionDays, trustedProxies, memoryKeys, caps, stopDelayMs, routesFile } = config;
  const routes = routesFile === null ? null : readRoutesFile(routesFile, storage.catalogue);
  const identity = config.identity && (await openIdentity(config.identity, storage, logger));
  const mailer = config.mail && (await openMailer(config.mail, logger));
  const limits = await openLimits(config, opened);
  const shared = { storage, keyring, clock: systemClock, logger, limits, tracer, lastError: () => lastError };
  const settings = { auditRetentionDays, trustedProxies, memoryKeys, caps, stopDelayMs, routes };
  return { ...shared, ...settings, identity, mailer };
}

interface Closable {
  close(): unknown;
}

/** What a service has opened. */
class Opened {
  readonly #all: Closable[] = [];

  add<T extends Closable>(one: T): T {
    this.#all.push(one);
    return one;
  }

  /** Closes the newest first, and all of them even if some fail. Rejects with the first failure. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const one of this.#all.splice(0).reverse()) {
      try {
        await one.close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

/** Null: calls per minute are counted in memory. */
async function openLimits(
  { countersUrl, limitsWhenDown: whenDown }: Config,
  opened: Opened,
): Promise<SharedLimits | null> {
  if (countersUrl === null) return null;
  return { store: opened.add(await openCounterStore(countersUrl)), whenDown };
}

async function listen(app: HttpServer, { host, port }: Config): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    throw listenProblem(error, { host, port });
  }
}

/** Each worker has a port of its own, since its metrics are its own. Throws OperatorError if it is in use. */
async function openMetrics(
  { host, metricsPort }: Config,
  worker: WorkerRole | null,
  metrics: () => Promise<string>,
  opened: Opened,
): Promise<void> {
  if (metricsPort === null) return;
  const port = metricsPort + (worker?.number ?? 1) - 1;
  const server = await listenForMetrics(metrics, { host, port }).catch((cause: unknown) => {
    throw new OperatorError(
      `LATCHKEY_METRICS_PORT: the metrics cannot be served at ${host}:${port} (${(cause as Error).message}). Set another port`,
      { cause },
    );
  });
  opened.add(server);
}

async function displacementOf({ lost }: Storage): Promise<OperatorError> {
  const reason = await lost;
  return reason instanceof DatabaseDisplaced ? reason : new Promise(() => {});
}

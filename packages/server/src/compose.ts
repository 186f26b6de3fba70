import { existsSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { LeasedCounters } from './counters/leased-counters.ts';
import { DeniedCalls } from './domain/audit/denied-calls.ts';
import { type Founded, type Founding, foundService } from './domain/keys/found-service.ts';
import { AppError } from './domain/shared/app-error.ts';
import { type Clock, systemClock } from './domain/shared/clock.ts';
import { Keyring } from './domain/shared/keyring.ts';
import { OperatorError } from './domain/shared/operator-error.ts';
import { UsageRecorder } from './domain/usage/usage-recorder.ts';
import { Verifier } from './domain/verification/verifier.ts';
import { buildServer } from './http/server.ts';
import type { Services } from './http/services.ts';
import { auditJobs } from './jobs/audit-jobs.ts';
import { jobsOf } from './jobs/jobs.ts';
import { type Job, schedule } from './jobs/schedule.ts';
import { usageJobs } from './jobs/usage-jobs.ts';
import { createLogger } from './logger.ts';
import { ensurePepper, readPepper } from './pepper-file.ts';
import { KeyReplica } from './replica/key-replica.ts';
import { KnownDigests } from './replica/known-digests.ts';
import { DatabaseInUse } from './storage/engines/engine.ts';
import { openStorage, type Storage } from './storage/storage.ts';

export { type Config, type ConfigFlags, loadConfig } from './config.ts';
export type { ChainVerdict, KnownPlace, Tampering } from './domain/audit/chain-check.ts';
export { verifyAuditExport } from './domain/audit/verify-audit-export.ts';
export type { Founded, Founding } from './domain/keys/found-service.ts';
export { AppError } from './domain/shared/app-error.ts';
export { OperatorError } from './domain/shared/operator-error.ts';

/** A service that answers requests. */
export interface Service {
  /** Where it listens, e.g. `http://127.0.0.1:7400`. */
  readonly url: string;
  /** Finishes the requests under way, writes what is pending, and lets go of the database. */
  close(): Promise<void>;
}

export interface Finding {
  readonly check: string;
  readonly status: 'ok' | 'warning' | 'failed';
  readonly message: string;
}

/**
 * Makes the data folder, the pepper, the database and in it the first workspace, its owner and the owner's key. CONFLICT,
 * and nothing changed, where that has happened already.
 */
export async function initialise(config: Config, founding: Founding): Promise<Founded> {
  ensurePepper(config.pepperFile);
  return withStorage(config, (storage, keyring) =>
    foundService({ unitOfWork: storage, keyring, clock: systemClock }, founding),
  );
}

/** Has `initialise` been done? Makes nothing where there is nothing. */
export async function isInitialised(config: Config): Promise<boolean> {
  return existsSync(config.pepperFile) && withStorage(config, (storage) => storage.workspaces.isFounded());
}

/** Starts the service. Throws OperatorError or an error of the system, and leaves nothing open then. */
export async function startService(config: Config): Promise<Service> {
  const keyring = new Keyring(readPepper(config.pepperFile));
  const storage = await openStorage(config.databaseUrl, keyring, systemClock);
  try {
    if (!(await storage.workspaces.isFounded()))
      throw new OperatorError('the database has no workspace; initialise it first');
    const logger = createLogger(config.logLevel);
    const { auditRetentionDays, memoryKeys } = config;
    const parts = { storage, keyring, clock: systemClock, logger, auditRetentionDays, memoryKeys };
    const { app, jobs, close } = await assemble(parts);
    const url = await app.listen({ host: config.host, port: config.port });
    const stopJobs = schedule(jobs, (job, error) => logger.error({ err: error, job }, 'job failed'));
    return {
      url,
      async close() {
        await stopJobs();
        try {
          await close();
        } finally {
          await storage.close();
        }
      },
    };
  } catch (error) {
    await storage.close();
    throw error;
  }
}

/** Looks at everything a service needs on this machine, and starts nothing. */
export async function diagnose(config: Config): Promise<Finding[]> {
  const pepper = await examine('pepper', () => {
    readPepper(config.pepperFile);
    return `${config.pepperFile} is readable by its owner only`;
  });
  if (pepper.status === 'failed') return [pepper];
  const database = await examine('database', () => withStorage(config, describeDatabase));
  return [pepper, database];
}

/** What a service is put together from. */
export interface Parts {
  readonly storage: Storage;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly logger: Logger;
  /** So many keys are kept in memory. */
  readonly memoryKeys: number;
  /** Whole days after which entries of the audit log are removed; null or left out: never. */
  readonly auditRetentionDays?: number | null;
}

export interface Assembly {
  readonly app: FastifyInstance;
  readonly jobs: readonly Job[];
  /** As `Service.close`, but for the jobs and the storage, which are the caller's. */
  close(): Promise<void>;
}

/** Puts the service together over an open storage, ready to listen. */
export async function assemble(parts: Parts): Promise<Assembly> {
  const { storage, keyring, clock, logger, memoryKeys, auditRetentionDays = null } = parts;
  const { keys, workspaces, roles, members, invitations, dayQuotas, replays, audit, usage } = storage;
  const recorder = new UsageRecorder({ unitOfWork: storage, onUncounted: tellUncounted(logger) });
  const deniedCalls = new DeniedCalls({ unitOfWork: storage, clock });
  const counters = new LeasedCounters(dayQuotas);
  const { feed } = storage;
  const known = new KnownDigests(keys, feed);
  const verifier = new Verifier({
    replica: new KeyReplica({ lookup: keys, feed, keyring, known }, memoryKeys),
    counters,
    usage: recorder,
    clock,
    onAltered: alarm(logger),
  });
  let isDraining = false;
  const services: Services = {
    unitOfWork: storage,
    keys,
    workspaces,
    roles,
    members,
    invitations,
    audit,
    usage,
    deniedCalls,
    verifier,
    counters,
    keyring,
    clock,
    async requireReady() {
      if (isDraining) throw new AppError('UNAVAILABLE', { message: 'The service is shutting down' });
      try {
        await storage.ping();
      } catch (cause) {
        throw new AppError('UNAVAILABLE', { cause });
      }
    },
  };
  void storage.lost.then((error) =>
    logger.fatal({ err: error }, 'the database is gone; restart the service'),
  );
  const app = await buildServer(services, logger);
  return {
    app,
    jobs: [
      ...jobsOf({ clock, counters, dayQuotas, replays, known }),
      ...usageJobs({ recorder, unitOfWork: storage, clock }),
      ...auditJobs({ unitOfWork: storage, audit, clock, deniedCalls }, auditRetentionDays),
    ],
    async close() {
      isDraining = true;
      await app.close();
      await recorder.flush();
      await deniedCalls.flush();
      await counters.close();
    },
  };
}

function alarm(logger: Logger) {
  return ({ id: keyId, workspaceId }: { id: string; workspaceId: string }): void => {
    logger.error({ keyId, workspaceId }, 'a stored key was altered outside Latchkey and is refused');
  };
}

function tellUncounted(logger: Logger) {
  return (uses: number): void => {
    logger.warn({ uses }, 'more keys were in use than can be counted at a time');
  };
}

async function withStorage<T>(
  config: Config,
  work: (storage: Storage, keyring: Keyring) => Promise<T>,
): Promise<T> {
  const keyring = new Keyring(readPepper(config.pepperFile));
  const storage = await openStorage(config.databaseUrl, keyring, systemClock);
  try {
    return await work(storage, keyring);
  } finally {
    await storage.close();
  }
}

async function examine(check: string, work: () => string | Promise<string>): Promise<Finding> {
  try {
    return { check, status: 'ok', message: await work() };
  } catch (error) {
    const status = error instanceof DatabaseInUse ? 'warning' : 'failed';
    return { check, status, message: (error as Error).message };
  }
}

async function describeDatabase(storage: Storage): Promise<string> {
  const damage = await storage.findDamage();
  if (damage.length > 0) throw new Error(`the database is damaged: ${damage.join('; ')}. Restore a backup`);
  return (await storage.workspaces.isFounded())
    ? 'sound, and in use by a workspace'
    : 'sound, and not initialised yet';
}

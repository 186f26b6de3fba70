import type { Logger } from 'pino';
import { metricsOf, metricsText } from './compose-metrics.ts';
import { openVerification, type VerificationParts } from './compose-verification.ts';
import { DeniedCalls } from './domain/audit/denied-calls.ts';
import { adoptCatalogue } from './domain/bootstrap/adopt-catalogue.ts';
import { getSystemOnHost, type SystemState } from './domain/host/system-state.ts';
import { Authenticator } from './domain/identity/authenticator.ts';
import type { IdentityProvider, SignInProvider } from './domain/identity/identity-provider.ts';
import { IdentityTokens } from './domain/identity/identity-tokens.ts';
import type { Provisioning } from './domain/identity/provision-member.ts';
import { AppError } from './domain/shared/app-error.ts';
import { type Caps, DEFAULT_CAPS } from './domain/shared/caps.ts';
import type { Mailer } from './domain/shared/mail.ts';
import type { MappedRoute } from './domain/shared/mapped-route.ts';
import { Probe } from './domain/shared/probe.ts';
import type { OrphanedPermission } from './domain/tenancy/permission-store.ts';
import { UsageRecorder } from './domain/usage/usage-recorder.ts';
import { Drain } from './http/connections/drain.ts';
import { TrustedProxies } from './http/connections/trusted-proxies.ts';
import { RouteMap } from './http/forward-auth/route-map.ts';
import type { Services } from './http/pipeline/services.ts';
import { buildServer, type HttpServer, listeningUrl } from './http/server.ts';
import { auditJobs, jobsOf, pepperJobs, usageJobs } from './jobs/jobs.ts';
import { BackgroundWork, type Job } from './jobs/schedule.ts';
import { reportOutage } from './log-output.ts';
import type { Storage } from './storage/storage.ts';

/** The dependencies and settings of a service. */
export interface Parts extends VerificationParts {
  /** Whole days after which entries of the audit log are removed; null or left out: never. */
  readonly auditRetentionDays?: number | null;
  /** The origin under which people reach the service; null or left out: the address where it listens. */
  readonly publicUrl?: string | null;
  /** As `Config.trustedProxies`; left out: none. */
  readonly trustedProxies?: readonly string[];
  /** The routes of the API behind a gateway; null or left out: there is no route map. */
  readonly routes?: readonly MappedRoute[] | null;
  /** Null or left out: there is no identity provider. */
  readonly identity?: IdentityParts | null;
  /** Null or left out: it sends no mail. */
  readonly mailer?: Mailer | null;
  /** As `Config.stopDelayMs`; left out: 0. */
  readonly stopDelayMs?: number;
  /** Left out: `DEFAULT_CAPS`. */
  readonly caps?: Caps;
}

export interface IdentityParts {
  readonly provider: IdentityProvider;
  /** Null: its tokens are accepted as credentials, but people cannot sign in there. */
  readonly signIn: SignInProvider | null;
  readonly provisioning: Provisioning | null;
}

export interface Assembly {
  readonly app: HttpServer;
  readonly instanceId: string;
  readonly jobs: readonly Job[];
  /** The metrics of this process, in the text format of Prometheus. */
  metrics(): Promise<string>;
  /** The state of the service for a user of the host. */
  describe(): Promise<SystemState>;
  /** As `Service.close`, except that `stopJobs` stops the jobs at the same time, and the caller closes the storage. */
  close(stopJobs?: () => Promise<void>): Promise<void>;
}

/** Builds the service on an open storage, ready to listen. First it updates the storage to its permission catalogue. */
export async function assemble(parts: Parts): Promise<Assembly> {
  const { storage, keyring, clock, logger } = parts;
  const { auditRetentionDays = null, identity = null, mailer = null, caps = DEFAULT_CAPS } = parts;
  const { catalogue, keys, workspaces, roles, members, invitations, ownedKeys, dayQuotas } = storage;
  const { idempotency, audit, usage, sessions, signInLinks, identities, descent, shared } = storage;
  warnOfLost(await adoptCatalogue({ unitOfWork: storage, catalogue, clock }), logger);
  const recorder = new UsageRecorder({ unitOfWork: storage, onUncounted: warnOfUncounted(logger) });
  const deniedCalls = new DeniedCalls({ unitOfWork: storage, clock });
  const { known, replica, secretRehash, instances, counters, sharedCounters, verifier } =
    await openVerification(parts, recorder);
  const identityNeeds = { ...storage.credentials, unitOfWork: storage, clock };
  const identityTokens = identity && new IdentityTokens({ ...identityNeeds, ...identity });
  const authenticator = new Authenticator({ keys: verifier, identityTokens });
  const background = new BackgroundWork(reportFailed(logger));
  const lookupProbe = probe(() => storage.probeLookup(), 'Keys cannot be looked up now', logger);
  const commitProbe = probe(() => storage.probeCommit(), 'Changes cannot be committed now', logger);
  const system = { instances, findProblems: () => problemsFoundBy(lookupProbe, commitProbe) };
  let isDraining = false;
  const services: Services = {
    unitOfWork: storage,
    rehearsal: storage,
    catalogue,
    keys,
    workspaces,
    roles,
    members,
    accounts: storage.accounts,
    invitations,
    ownedKeys,
    sessions,
    audit,
    usage,
    credentials: storage.credentials,
    reading: (signal) => ({ ...services, ...storage.reading(signal) }),
    listing: (signal) => ({ ...services, ...storage.listing(signal) }),
    exporting: (signal) => ({ ...services, ...storage.exporting(signal) }),
    deniedCalls,
    authenticator,
    providerSignIn: identity?.signIn ? { ...identity, provider: identity.signIn, identities } : null,
    verifier,
    routeMap: parts.routes ? new RouteMap(parts.routes) : null,
    counters,
    keyring,
    clock,
    caps,
    leaseMs: shared?.leaseMs ?? 0,
    signInWays: { hasProvider: identity !== null, hasMail: mailer !== null },
    mailer,
    trustedProxies: new TrustedProxies(parts.trustedProxies ?? []),
    background,
    publicUrl: () => parts.publicUrl ?? listeningUrl(app.server),
    async requireReady() {
      if (isDraining) throw new AppError('UNAVAILABLE', { message: 'The service is shutting down' });
      await requireLookups(lookupProbe, shared);
    },
    requireReadyForChanges: () => commitProbe.pass(),
    instances,
    system,
  };
  void storage.lost.then((error) =>
    logger.fatal({ err: error }, 'the database is gone; restart the service'),
  );
  storage.standby?.start(reportStandby(logger));
  const stopFeed = new AbortController();
  await shared?.start(stopFeed.signal, reportFeed(logger));
  await instances.start(stopFeed.signal);
  const drain = new Drain(parts.stopDelayMs);
  const app: HttpServer = buildServer(services, logger, drain, parts.tracer);
  return {
    app,
    instanceId: instances.id,
    jobs: [
      ...jobsOf({ clock, counters, dayQuotas, idempotency, sessions, signInLinks, descent, known }),
      ...pepperJobs({ storage, secretRehash }),
      ...usageJobs({ recorder, unitOfWork: storage, clock }),
      ...auditJobs({ unitOfWork: storage, audit, clock, deniedCalls }, auditRetentionDays),
    ],
    metrics: metricsText(metricsOf({ app, verifier, recorder, replica, storage, instances, sharedCounters })),
    describe: () => getSystemOnHost(system),
    async close(stopJobs = async () => {}) {
      isDraining = true;
      await Promise.all([drain.run(app.server), stopJobs()]);
      await app.close();
      stopFeed.abort();
      await instances.stop();
      await background.idle();
      await writePending(logger, {
        'uses of keys': () => recorder.flush(),
        'rehashed secrets': () => secretRehash.flush(),
        'denied calls': () => deniedCalls.flush(),
        'day counts': () => counters.close(),
      });
    },
  };
}

/** Logs a failed write (a full disk, for instance) and continues with the next one. */
async function writePending(
  logger: Logger,
  writes: Readonly<Record<string, () => Promise<void>>>,
): Promise<void> {
  for (const [what, write] of Object.entries(writes))
    await write().catch((error: unknown) => logger.error({ err: error, what }, 'not written at the stop'));
}

function probe(check: () => Promise<void>, message: string, logger: Logger): Probe {
  return new Probe({
    check,
    message,
    onFailure: (err) => logger.error({ err }, `not ready: ${message.toLowerCase()}`),
    onRecovery: () => logger.info(`ready again: ${message.toLowerCase().replace('cannot', 'can')}`),
  });
}

/** Within the lease, keys in memory are verified also while the database cannot be read. */
async function requireLookups(lookups: Probe, shared: Storage['shared']): Promise<void> {
  await lookups.pass().catch((error: unknown) => {
    if (!shared?.isCurrent()) throw error;
  });
}

async function problemsFoundBy(...probes: readonly Probe[]): Promise<string[]> {
  const outcomes = await Promise.allSettled(probes.map((each) => each.pass()));
  return outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [(outcome.reason as AppError).message] : [],
  );
}

function warnOfLost(lost: readonly OrphanedPermission[], logger: Logger): void {
  if (lost.length === 0) return;
  const message = 'permissions that are not in the catalogue are retired and no longer match';
  logger.warn({ lost }, message);
}

function reportFailed(logger: Logger) {
  return (error: unknown, work: string): void =>
    logger.error({ err: error, work }, 'work in the background failed');
}

function warnOfUncounted(logger: Logger) {
  return (uses: number): void => {
    logger.warn({ uses }, 'usage was not counted: more keys were in use than can be counted at once');
  };
}

function reportStandby(logger: Logger) {
  const gone = 'the standby cannot be read; the primary answers lists';
  return reportOutage(logger, gone, 'the standby answers lists again');
}

function reportFeed(logger: Logger) {
  const gone = 'the changes of other instances cannot be read';
  return reportOutage(logger, gone, 'the changes of other instances are read again');
}

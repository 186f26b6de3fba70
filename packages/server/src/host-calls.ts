import type { SystemBody } from '@latchkey/contract';
import type { Logger } from 'pino';
import type { Config } from './config/config.ts';
import { adoptCatalogue } from './domain/bootstrap/adopt-catalogue.ts';
import { hostSignInLink } from './domain/host/host-sign-in-link.ts';
import type { HostNeeds, HostTarget } from './domain/host/host-target.ts';
import { type RecoveredOwner, recoverOwner } from './domain/host/recover-owner.ts';
import { systemClock } from './domain/shared/clock.ts';
import { NotInitialised, OperatorError } from './domain/shared/operator-error.ts';
import { askHost } from './host/host-client.ts';
import { hostServer } from './host/host-server.ts';
import { hostSocketPath, listenOnSocket, pathProblem } from './host/socket-file.ts';
import { answerMetrics } from './http/metrics-server.ts';
import { withStorage } from './local-storage.ts';
import { DatabaseInUse } from './storage/engines/engine.ts';
import { engineFor } from './storage/engines/registry.ts';
import type { PepperState } from './storage/pepper/reseal.ts';

/** An owner's new key, for the output of `latchkey recover`. */
export interface Recovered {
  readonly workspaceId: string;
  readonly userId: string;
  readonly keyId: string;
  /** The whole key, for the only time. */
  readonly key: string;
  /** Signs the owner in, once, within 15 minutes. Null if the service does not run. */
  readonly signInUrl: string | null;
  /** The owner was suspended, and is active again. */
  readonly isReactivated: boolean;
}

/** A link for a member that only a user of the host has seen, as `POST /sign-in-links` shows it. */
export interface HostSignInLink {
  readonly id: string;
  readonly userId: string;
  readonly url: string;
  readonly expiresAt: string;
}

/** How long a stop waits for calls that are being answered. */
const CLOSE_MS_MAX = 1_000;

const AGENTS = { recover: 'latchkey recover', 'sign-in': 'latchkey sign-in' } as const;

/**
 * Answers users of the host over a unix socket in the data folder. If it cannot listen there, it logs the reason and the
 * service runs without the socket: `latchkey recover` still works while the service is stopped.
 */
export async function openHost(
  { dataDir }: Config,
  needs: HostNeeds & { readonly logger: Logger },
  signInUrl: (token: string) => string,
  calls: {
    readonly system: () => Promise<SystemBody>;
    readonly pepper: () => Promise<PepperState>;
    readonly metrics: () => Promise<string>;
  },
): Promise<{ close(): Promise<void> }> {
  const { logger } = needs;
  const server = hostServer(
    {
      async recover(target) {
        const recovered = await recoverOwner(needs, target, AGENTS.recover, { withLink: true });
        return shownRecovery(recovered, signInUrl);
      },
      async 'sign-in'(target) {
        const { link, token } = await hostSignInLink(needs, target, AGENTS['sign-in']);
        const { id, userId, expiresAt } = link;
        return { id, userId, url: signInUrl(token), expiresAt: new Date(expiresAt).toISOString() };
      },
      system: calls.system,
      pepper: calls.pepper,
    },
    logger,
    answerMetrics(calls.metrics),
  );
  const path = hostSocketPath(dataDir);
  await listenOnSocket(server, path).catch((error: unknown) =>
    logger.warn({ err: error }, 'commands on this machine cannot ask the running service without a key'),
  );
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        setTimeout(() => server.closeAllConnections(), CLOSE_MS_MAX).unref();
      }),
  };
}

/**
 * Gives an owner a new key: through the running service, else in its database, whose lock keeps the service from starting
 * meanwhile. OperatorError; AppError.
 */
export async function recover(config: Config, target: HostTarget): Promise<Recovered> {
  const path = hostSocketPath(config.dataDir);
  const recovered = await askHost<Recovered>(path, 'recover', target);
  return (
    recovered ??
    recoverStopped(config, target).catch((error: unknown) => {
      const problem = pathProblem(path);
      if (!(error instanceof DatabaseInUse) || problem === null) throw error;
      throw new OperatorError(
        `the running service cannot be asked: ${problem}; or stop the service and repeat this`,
      );
    })
  );
}

/** As a start, it first brings what is stored in line with the permission catalogue. */
async function recoverStopped(config: Config, target: HostTarget): Promise<Recovered> {
  const { databaseUrl, dataDir } = config;
  if (!(await engineFor(databaseUrl).exists(databaseUrl)))
    throw new NotInitialised(
      `there is no database of a service in ${dataDir}; set LATCHKEY_DATA_DIR to its folder`,
    );
  return withStorage(config, async (storage, keyring) => {
    const { catalogue } = storage;
    const needs = { unitOfWork: storage, keyring, clock: systemClock, catalogue };
    await adoptCatalogue(needs);
    return shownRecovery(await recoverOwner(needs, target, AGENTS.recover, { withLink: false }), String);
  });
}

/** A link for a member, made by the running service. Null if no service runs over the data folder. AppError. */
export function signInOnHost({ dataDir }: Config, target: HostTarget): Promise<HostSignInLink | null> {
  return askHost<HostSignInLink>(hostSocketPath(dataDir), 'sign-in', target);
}

/** The state of the running service, with all details. Null if no service runs over the data folder. */
export function systemOnHost({ dataDir }: Pick<Config, 'dataDir'>): Promise<SystemBody | null> {
  return askHost<SystemBody>(hostSocketPath(dataDir), 'system', {});
}

function shownRecovery(
  { secret, linkToken, ...recovered }: RecoveredOwner,
  signInUrl: (token: string) => string,
): Recovered {
  return { ...recovered, key: secret, signInUrl: linkToken === null ? null : signInUrl(linkToken) };
}

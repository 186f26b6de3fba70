import { existsSync } from 'node:fs';
import type { Logger } from 'pino';
import { assemble, type IdentityParts } from './compose.ts';
import { backupFolder } from './compose-backup.ts';
import type { Config } from './config/config.ts';
import type { IdentityConfig } from './config/identity-config.ts';
import { ensurePepper, readPepper } from './config/pepper-file.ts';
import { readRoutesFile } from './config/routes-file.ts';
import { readSecretFile, requirePrivate } from './config/secret-file.ts';
import {
  type BootstrapInput,
  type Bootstrapped,
  bootstrapService,
} from './domain/bootstrap/bootstrap-service.ts';
import { parseGivenKey } from './domain/bootstrap/given-key.ts';
import type { InstanceDetails } from './domain/host/system-state.ts';
import { createSignInLink } from './domain/sessions/create-sign-in-link.ts';
import { systemClock } from './domain/shared/clock.ts';
import { Keyring } from './domain/shared/keyring.ts';
import type { Mailer } from './domain/shared/mail.ts';
import { operator } from './domain/shared/operator.ts';
import { NotInitialised, OperatorError } from './domain/shared/operator-error.ts';
import { generateKeyText } from './domain/shared/tokens.ts';
import { FIRST_LABELS } from './domain/workspaces/open-workspace.ts';
import { listenProblem, requireFreePort } from './free-port.ts';
import { openHost } from './host-calls.ts';
import { signInUrl } from './http/pages/urls.ts';
import { presentSystem } from './http/present/system.ts';
import type { HttpServer } from './http/server.ts';
import { backupJobs, storageJobs } from './jobs/jobs.ts';
import { schedule } from './jobs/schedule.ts';
import { isFounded, openConfigured, withStorage } from './local-storage.ts';
import { createLogger } from './log-output.ts';
import type { Undelivered } from './mail/smtp-mailer.ts';
import { DatabaseDisplaced } from './storage/engines/engine.ts';
import { engineFor } from './storage/engines/registry.ts';
import type { Storage } from './storage/storage.ts';

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
 * Creates the data folder, the pepper, the database, and in it the first workspace, its owner and the owner's key. Throws
 * CONFLICT if the service is initialised already, and OperatorError if a database exists but its pepper is missing; neither
 * changes anything.
 */
export async function initialise(config: Config, founding: BootstrapInput): Promise<Bootstrapped> {
  const given = bootstrapKey(config);
  if (!(await hasPepper(config))) ensurePepper(config.pepperFile);
  return withStorage(config, (storage, keyring) =>
    bootstrapService(
      { unitOfWork: storage, keyring, clock: systemClock, catalogue: storage.catalogue },
      { ...founding, ...given },
    ),
  );
}

/** The owner's key from the operator's file. Throws OperatorError, before anything is written, if the key is not valid. */
function bootstrapKey({ bootstrapKeyFile }: Config): Pick<BootstrapInput, 'keyText'> {
  if (bootstrapKeyFile === null) return {};
  const setting = 'LATCHKEY_BOOTSTRAP_KEY_FILE';
  const text = readSecretFile(setting, bootstrapKeyFile);
  requirePrivate(`${setting}:`, bootstrapKeyFile);
  return { keyText: parseGivenKey(text, `${setting}: ${bootstrapKeyFile}`) };
}

/** Has `initialise` run? Creates no files. Throws OperatorError if a database exists but its pepper is missing. */
export async function isInitialised(config: Config): Promise<boolean> {
  return (await hasPepper(config)) && withStorage(config, isFounded);
}

/** Does the pepper file exist? Throws OperatorError if it does not, but the database exists. */
async function hasPepper({ pepperFile, databaseUrl }: Config): Promise<boolean> {
  if (existsSync(pepperFile)) return true;
  if (!(await engineFor(databaseUrl).exists(databaseUrl))) return false;
  throw new OperatorError(
    `the pepper file ${pepperFile} is missing, but its database exists, and none of its keys can be verified without the pepper. Restore the pepper from your backup, or set LATCHKEY_PEPPER_FILE to where it is. Nothing was changed`,
  );
}

/**
 * Starts the service. Throws NotInitialised if `initialise` has not run, another OperatorError, or a system error; it closes
 * everything that it opened before it throws. If the port is in use, nothing is written.
 */
export async function startService(config: Config): Promise<Service> {
  await requireFreePort(config);
  if (!(await hasPepper(config)))
    throw new NotInitialised('there is no pepper; initialise the service first');
  const keyring = new Keyring(readPepper(config.pepperFile));
  const backups = backupJobs(backupFolder(config, keyring));
  const storage = await openConfigured(config, keyring);
  try {
    if (!(await isFounded(storage)))
      throw new NotInitialised('the database has no workspace; initialise it first');
    let lastError: InstanceDetails['lastError'] = null;
    const logger = createLogger(config.logLevel, undefined, (message) => {
      lastError = { at: systemClock.now(), message };
    });
    for (const { name: setting, nearest } of config.unknownSettings)
      logger.warn({ setting, nearest }, 'an environment variable is not a setting and has no effect');
    const { auditRetentionDays, publicUrl, trustedProxies, memoryKeys, caps, routesFile } = config;
    const routes = routesFile === null ? null : readRoutesFile(routesFile, storage.catalogue);
    const clock = systemClock;
    const identity = config.identity && (await openIdentity(config.identity, storage, logger));
    const mailer = config.mail && (await openMailer(config.mail, logger));
    const shared = { storage, keyring, clock, logger };
    const settings = { auditRetentionDays, publicUrl, trustedProxies, memoryKeys, caps, routes };
    const parts = { ...shared, ...settings, identity, mailer };
    const { app, jobs, describe, close } = await assemble(parts);
    const url = await listen(app, config);
    const { catalogue } = storage;
    const needs = { unitOfWork: storage, keyring, clock, catalogue, logger };
    const linkTo = (token: string) => signInUrl(publicUrl ?? url, token);
    const host = await openHost(config, needs, linkTo, async () => presentSystem(await describe(lastError)));
    const stopJobs = schedule([...jobs, ...storageJobs(storage), ...backups], (job, error) =>
      logger.error({ err: error, job }, 'job failed'),
    );
    return {
      url,
      mustEnd: displacementOf(storage),
      async signInUrl(founded) {
        const caller = operator(catalogue, founded, 'latchkey serve --init');
        return linkTo((await createSignInLink(needs, caller)).token);
      },
      async close() {
        try {
          await host.close();
          await close(stopJobs);
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

async function listen(app: HttpServer, { host, port }: Config): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    throw listenProblem(error, { host, port });
  }
}

async function displacementOf({ lost }: Storage): Promise<OperatorError> {
  const reason = await lost;
  return reason instanceof DatabaseDisplaced ? reason : new Promise(() => {});
}

/** A new random key text for LATCHKEY_BOOTSTRAP_KEY_FILE. It is not stored. */
export function generateBootstrapKey(): string {
  return generateKeyText(FIRST_LABELS.keyPrefix, FIRST_LABELS.keyEnvironment);
}

// The modules of mail and of the identity provider are imported only where they are used, since each import slows the start.

async function openMailer(mail: NonNullable<Config['mail']>, logger: Logger): Promise<Mailer> {
  const { SmtpMailer } = await import('./mail/smtp-mailer.ts');
  const { url, from, passwordFile } = mail;
  const password = passwordFile === null ? null : readSecretFile('LATCHKEY_SMTP_PASSWORD_FILE', passwordFile);
  return new SmtpMailer({ url, from, password }, (undelivered: Undelivered) =>
    logger.warn(undelivered, 'a mail was not delivered'),
  );
}

/** Throws OperatorError if the settings provision members in a workspace that does not exist. */
async function openIdentity(
  { provisioning, client, ...settings }: IdentityConfig,
  storage: Storage,
  logger: Logger,
): Promise<IdentityParts> {
  if (provisioning && !(await storage.workspaces.find(provisioning.workspaceId)))
    throw new OperatorError(
      'bad setting: LATCHKEY_OIDC_JIT_WORKSPACE is not the id of a workspace of this service',
    );
  const { OidcIdentityProvider } = await import('./identity/oidc-identity-provider.ts');
  const onTrouble = (error: unknown): void => {
    logger.warn({ err: error }, 'the identity provider did not answer, or its answer is invalid');
  };
  const provider = new OidcIdentityProvider({ ...settings, clock: systemClock, onTrouble });
  if (!client) return { provider, provisioning, signIn: null };
  const { OidcSignIn } = await import('./identity/oidc-sign-in.ts');
  const { clientId, secretFile } = client;
  const clientSecret =
    secretFile === null ? null : readSecretFile('LATCHKEY_OIDC_CLIENT_SECRET_FILE', secretFile);
  const signIn = new OidcSignIn({ ...settings, clientId, clientSecret, clock: systemClock, onTrouble });
  return { provider, provisioning, signIn };
}

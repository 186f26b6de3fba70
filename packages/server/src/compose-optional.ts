import type { Logger } from 'pino';
import type { IdentityParts } from './compose.ts';
import type { Config } from './config/config.ts';
import type { IdentityConfig } from './config/identity-config.ts';
import { readSecretFile } from './config/secret-file.ts';
import { systemClock } from './domain/shared/clock.ts';
import type { Mailer } from './domain/shared/mail.ts';
import { badSetting, OperatorError } from './domain/shared/operator-error.ts';
import { reportOutage } from './log-output.ts';
import type { Undelivered } from './mail/smtp-mailer.ts';
import type { Storage } from './storage/storage.ts';
import type { Tracing } from './tracing/opentelemetry.ts';

// The modules of mail, of traces and of the identity provider are imported only where they are used, since each import slows the start.

export async function openMailer(mail: NonNullable<Config['mail']>, logger: Logger): Promise<Mailer> {
  const { SmtpMailer } = await import('./mail/smtp-mailer.ts');
  const { url, from, passwordFile } = mail;
  const password = passwordFile === null ? null : readSecretFile('LATCHKEY_SMTP_PASSWORD_FILE', passwordFile);
  return new SmtpMailer({ url, from, password }, (undelivered: Undelivered) =>
    logger.warn(undelivered, 'a mail was not delivered'),
  );
}

/** Throws OperatorError if the packages of OpenTelemetry are not installed: they are optional, since they are large. */
export async function openTraces(logger: Logger): Promise<Tracing> {
  const { openTracing } = await import('./tracing/opentelemetry.ts').catch((cause: unknown) => {
    throw new OperatorError(
      `traces cannot be sent to the collector that the environment names (OTEL_EXPORTER_OTLP_ENDPOINT), because their packages cannot be loaded: ${(cause as Error).message}. Install the optional peer dependencies of @latchkey/server whose names begin with @opentelemetry/`,
      { cause },
    );
  });
  const gone = 'the collector of traces cannot be reached; spans are lost';
  return openTracing(reportOutage(logger, gone, 'the collector of traces is reached again'));
}

/** Throws OperatorError if the settings provision members in a workspace that does not exist. */
export async function openIdentity(
  { provisioning, client, ...settings }: IdentityConfig,
  storage: Storage,
  logger: Logger,
): Promise<IdentityParts> {
  if (provisioning && !(await storage.workspaces.find(provisioning.workspaceId)))
    throw badSetting('LATCHKEY_OIDC_JIT_WORKSPACE', 'is not the id of a workspace of this service');
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

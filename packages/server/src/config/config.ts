import { join, resolve } from 'node:path';
import { CAPS, type Caps } from '../domain/shared/caps.ts';
import { badSetting } from '../domain/shared/operator-error.ts';
import { type IdentityConfig, identityConfigOf } from './identity-config.ts';
import { type MailConfig, mailConfigOf } from './mail-config.ts';
import { isLoopback, isNetwork } from './network.ts';
import { type ConfigFlags, readSettings, SETTING_NAMES, type Settings } from './settings.ts';
import { type UnknownSetting, unknownSettings } from './unknown-settings.ts';

export interface Config {
  /** Absolute. */
  readonly dataDir: string;
  readonly pepperFile: string;
  /** The file with the owner's key, read by the first start; null: the first start creates a key. */
  readonly bootstrapKeyFile: string | null;
  /** Null: the built-in permissions are used. */
  readonly permissionsFile: string | null;
  /** The route map of forward auth; null: there is none. */
  readonly routesFile: string | null;
  readonly databaseUrl: string;
  /** A standby of the database, for lists and exports; null: there is none. It may contain a password. */
  readonly standbyUrl: string | null;
  /** Where calls per minute are counted; null: in the memory of this process, the only one. It may contain a password. */
  readonly countersUrl: string | null;
  readonly limitsWhenDown: Settings['LATCHKEY_LIMITS_WHEN_DOWN'];
  /** How long an instance verifies from memory without hearing from a database that several share, in milliseconds. */
  readonly leaseMs: number;
  /** How long a stop goes on accepting connections while `/health/ready` is 503, in milliseconds. */
  readonly stopDelayMs: number;
  /** The folder of the daily backups; null: no backups are written. */
  readonly backupDir: string | null;
  /** Start even if the database is older than the last acknowledged change. */
  readonly acceptOlderData: boolean;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** The port of the metrics; null: they are served only on the socket of the host. */
  readonly metricsPort: number | null;
  readonly logLevel: Settings['LATCHKEY_LOG_LEVEL'];
  /** There is a collector of traces; its address and all else are read from the environment by OpenTelemetry itself. */
  readonly sendsTraces: boolean;
  /** The origin under which people reach the service; null: the address where it listens. */
  readonly publicUrl: string | null;
  /** Addresses, or networks in CIDR notation, of the reverse proxies whose forwarding headers are trusted. */
  readonly trustedProxies: readonly string[];
  /** Null: the service sends no mail. */
  readonly mail: MailConfig | null;
  /** The number of keys that are cached in memory; a key takes about 125 bytes. */
  readonly memoryKeys: number;
  /** Null: entries of the audit log are never removed. */
  readonly auditRetentionDays: number | null;
  readonly caps: Caps;
  /** Null: there is no identity provider, and tokens of one are not accepted. */
  readonly identity: IdentityConfig | null;
  /** Environment variables that look like settings but are not; the service warns about each. */
  readonly unknownSettings: readonly UnknownSetting[];
}

/** Reads the settings, each from its flag, else from the environment, else its default. Throws OperatorError. */
export function loadConfig(env: NodeJS.ProcessEnv, flags: ConfigFlags): Config {
  const settings = readSettings(env, flags);
  const dataDir = resolve(settings.LATCHKEY_DATA_DIR);
  const databaseUrl = settings.DATABASE_URL ?? `file:${join(dataDir, 'latchkey.db')}`;
  return {
    dataDir,
    pepperFile: resolve(settings.LATCHKEY_PEPPER_FILE ?? join(dataDir, 'pepper')),
    bootstrapKeyFile: absolute(settings.LATCHKEY_BOOTSTRAP_KEY_FILE),
    permissionsFile: absolute(settings.LATCHKEY_PERMISSIONS_FILE),
    routesFile: absolute(settings.LATCHKEY_ROUTES_FILE),
    databaseUrl,
    standbyUrl: standbyUrl(settings.DATABASE_READ_URL, databaseUrl),
    countersUrl: countersUrl(settings.LATCHKEY_COUNTERS_URL, databaseUrl),
    limitsWhenDown: settings.LATCHKEY_LIMITS_WHEN_DOWN,
    leaseMs: settings.LATCHKEY_LEASE_SECONDS * 1_000,
    stopDelayMs: settings.LATCHKEY_STOP_DELAY_SECONDS * 1_000,
    backupDir: absolute(settings.LATCHKEY_BACKUP_DIR),
    acceptOlderData: flags.acceptOlderData ?? false,
    host: settings.HOST,
    port: settings.PORT,
    metricsPort: settings.LATCHKEY_METRICS_PORT ?? null,
    publicUrl: publicOrigin(settings.LATCHKEY_PUBLIC_URL),
    trustedProxies: trustedProxies(settings.LATCHKEY_TRUSTED_PROXIES),
    mail: mailConfigOf(settings),
    logLevel: settings.LATCHKEY_LOG_LEVEL,
    sendsTraces: sendsTraces(settings),
    memoryKeys: settings.LATCHKEY_MEMORY_KEYS,
    auditRetentionDays: settings.LATCHKEY_AUDIT_RETENTION_DAYS ?? null,
    caps: capsOf(settings),
    identity: identityConfigOf(settings),
    unknownSettings: unknownSettings(env, SETTING_NAMES),
  };
}

function absolute(path: string | undefined): string | null {
  return path === undefined ? null : resolve(path);
}

const POSTGRES_URL = /^postgres(?:ql)?:\/\/./;
const REDIS_URL = /^rediss?:\/\/./;

function standbyUrl(url: string | undefined, databaseUrl: string): string | null {
  if (url === undefined) return null;
  if (POSTGRES_URL.test(url) && URL.canParse(url) && POSTGRES_URL.test(databaseUrl)) return url;
  throw badSetting(
    'DATABASE_READ_URL',
    'must be like postgres://user:password@standby.example.com/latchkey, a standby of the database of DATABASE_URL=postgres://…',
  );
}

function countersUrl(url: string | undefined, databaseUrl: string): string | null {
  const isShared = POSTGRES_URL.test(databaseUrl);
  if (url === undefined) return isShared ? databaseUrl : null;
  if (!URL.canParse(url) || !(REDIS_URL.test(url) || POSTGRES_URL.test(url)))
    throw badSetting(
      'LATCHKEY_COUNTERS_URL',
      'must be like redis://:password@redis.example.com, rediss://… or postgres://…',
    );
  if (!isShared)
    throw badSetting(
      'LATCHKEY_COUNTERS_URL',
      'is for several instances, which need DATABASE_URL=postgres://…; one process over SQLite counts by itself',
    );
  return url;
}

function sendsTraces(settings: Settings): boolean {
  const { OTEL_SDK_DISABLED: disabled = '', OTEL_TRACES_EXPORTER: exporter } = settings;
  if (disabled.toLowerCase() === 'true' || exporter === 'none') return false;
  const names = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] as const;
  const set = names.filter((name) => settings[name] !== undefined);
  const wrong = set.find(
    (name) => !/^https?:\/\/./.test(settings[name] ?? '') || !URL.canParse(settings[name] ?? ''),
  );
  if (wrong === undefined) return set.length > 0;
  throw badSetting(wrong, 'must be like http://127.0.0.1:4318, for OTLP over HTTP');
}

function publicOrigin(text: string | undefined): string | null {
  if (text === undefined) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  const isOrigin = url !== null && /^https?:\/\/[^/?#@]+\/?$/i.test(text);
  if (!isOrigin)
    throw badSetting('LATCHKEY_PUBLIC_URL', 'must be like https://keys.example.com, without a path');
  // Browsers do not send the session's cookie over plain http, except to loopback addresses.
  if (url.protocol !== 'https:' && !isLoopback(url.hostname))
    throw badSetting('LATCHKEY_PUBLIC_URL', 'must be https: browsers do not keep a session over plain http');
  return url.origin;
}

function trustedProxies(text = ''): string[] {
  const networks = text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
  const wrong = networks.find((network) => !isNetwork(network));
  if (wrong === undefined) return networks;
  throw badSetting(
    'LATCHKEY_TRUSTED_PROXIES',
    `must be addresses or networks, like 127.0.0.1, 10.0.0.0/8; ${wrong} is neither`,
  );
}

function capsOf(settings: Settings): Caps {
  return {
    keysPerMember: settings[CAPS.keysPerMember.setting],
    rolesPerWorkspace: settings[CAPS.rolesPerWorkspace.setting],
    workspacesPerPerson: settings[CAPS.workspacesPerPerson.setting],
    openInvitations: settings[CAPS.openInvitations.setting],
    mailsPerHour: settings[CAPS.mailsPerHour.setting],
  };
}

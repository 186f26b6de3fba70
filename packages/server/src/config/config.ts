import { join, resolve } from 'node:path';
import { Ajv } from 'ajv';
import { type Static, Type } from 'typebox';
import { CAPS, type Caps } from '../domain/shared/caps.ts';
import { OperatorError } from '../domain/shared/operator-error.ts';
import { IDENTITY_SETTINGS, type IdentityConfig, identityConfigOf } from './identity-config.ts';
import { isNetwork } from './network.ts';
import { type UnknownSetting, unknownSettings } from './unknown-settings.ts';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const cap = (max: number) => Type.Integer({ minimum: 1, maximum: 1_000_000_000, default: max });

/** The settings of the caps, by the names of their environment variables. */
const CAP_SETTINGS = {
  [CAPS.keysPerMember.setting]: cap(CAPS.keysPerMember.default),
  [CAPS.rolesPerWorkspace.setting]: cap(CAPS.rolesPerWorkspace.default),
  [CAPS.workspacesPerPerson.setting]: cap(CAPS.workspacesPerPerson.default),
  [CAPS.openInvitations.setting]: cap(CAPS.openInvitations.default),
  [CAPS.mailsPerHour.setting]: cap(CAPS.mailsPerHour.default),
} as const;

/** Every setting of the service, by the name of its environment variable. */
const Settings = Type.Object({
  LATCHKEY_DATA_DIR: Type.String({ minLength: 1, default: './data' }),
  LATCHKEY_PEPPER_FILE: Type.Optional(Type.String({ minLength: 1 })),
  LATCHKEY_BOOTSTRAP_KEY_FILE: Type.Optional(Type.String({ minLength: 1 })),
  LATCHKEY_PERMISSIONS_FILE: Type.Optional(Type.String({ minLength: 1 })),
  LATCHKEY_ROUTES_FILE: Type.Optional(Type.String({ minLength: 1 })),
  LATCHKEY_PUBLIC_URL: Type.Optional(Type.String({ minLength: 1 })),
  LATCHKEY_TRUSTED_PROXIES: Type.Optional(Type.String()),
  LATCHKEY_SMTP_URL: Type.Optional(Type.String({ minLength: 1 })),
  LATCHKEY_SMTP_PASSWORD_FILE: Type.Optional(Type.String({ minLength: 1 })),
  LATCHKEY_MAIL_FROM: Type.Optional(Type.String({ minLength: 1 })),
  LATCHKEY_LOG_LEVEL: Type.Unsafe<(typeof LOG_LEVELS)[number]>({
    type: 'string',
    enum: [...LOG_LEVELS],
    default: 'info',
  }),
  LATCHKEY_MEMORY_KEYS: Type.Integer({ minimum: 1_000, maximum: 30_000_000, default: 1_000_000 }),
  LATCHKEY_BACKUP_DIR: Type.Optional(Type.String({ minLength: 1 })),
  LATCHKEY_AUDIT_RETENTION_DAYS: Type.Optional(Type.Integer({ minimum: 1, maximum: 36_500 })),
  LATCHKEY_LEASE_SECONDS: Type.Integer({ minimum: 1, maximum: 300, default: 10 }),
  DATABASE_URL: Type.Optional(Type.String({ pattern: '^[a-z][a-z0-9+.-]*:.+' })),
  HOST: Type.String({ minLength: 1, default: '127.0.0.1' }),
  PORT: Type.Integer({ minimum: 0, maximum: 65_535, default: 7_400 }),
  ...CAP_SETTINGS,
  ...IDENTITY_SETTINGS,
});

/** Types are coerced since a variable is always text. The schema itself is not validated, since that is slow at start. */
const AJV_OPTIONS = {
  allErrors: true,
  useDefaults: true,
  coerceTypes: true,
  validateSchema: false,
  meta: false,
};

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
  /** How long an instance verifies from memory without hearing from a database that several share, in milliseconds. */
  readonly leaseMs: number;
  /** The folder of the daily backups; null: no backups are written. */
  readonly backupDir: string | null;
  /** Start even if the database is older than the last acknowledged change. */
  readonly acceptOlderData: boolean;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly logLevel: (typeof LOG_LEVELS)[number];
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

export interface MailConfig {
  /** smtp: or smtps:. It may contain a password, so it is never shown. */
  readonly url: string;
  /** The file with the password, which is then not in `url`; null: the password is in `url`, or there is none. */
  readonly passwordFile: string | null;
  /** The sender: an address, or a name with the address in angle brackets. */
  readonly from: string;
}

/** Settings from the command line; they win over the environment. */
export interface ConfigFlags {
  readonly dataDir?: string | undefined;
  readonly databaseUrl?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: string | undefined;
  readonly logLevel?: string | undefined;
  /** A flag only: as an environment variable it would stay set and accept every older database. */
  readonly acceptOlderData?: boolean | undefined;
}

/** Reads the settings, each from its flag, else from the environment, else its default. Throws OperatorError. */
export function loadConfig(env: NodeJS.ProcessEnv, flags: ConfigFlags): Config {
  const settings = read({ ...env, ...fromFlags(flags) });
  const dataDir = resolve(settings.LATCHKEY_DATA_DIR);
  return {
    dataDir,
    pepperFile: resolve(settings.LATCHKEY_PEPPER_FILE ?? join(dataDir, 'pepper')),
    bootstrapKeyFile: fileOf(settings.LATCHKEY_BOOTSTRAP_KEY_FILE),
    permissionsFile: fileOf(settings.LATCHKEY_PERMISSIONS_FILE),
    routesFile: fileOf(settings.LATCHKEY_ROUTES_FILE),
    databaseUrl: settings.DATABASE_URL ?? `file:${join(dataDir, 'latchkey.db')}`,
    leaseMs: settings.LATCHKEY_LEASE_SECONDS * 1_000,
    backupDir: settings.LATCHKEY_BACKUP_DIR ? resolve(settings.LATCHKEY_BACKUP_DIR) : null,
    acceptOlderData: flags.acceptOlderData ?? false,
    host: settings.HOST,
    port: settings.PORT,
    publicUrl: publicOrigin(settings.LATCHKEY_PUBLIC_URL),
    trustedProxies: trustedProxies(settings.LATCHKEY_TRUSTED_PROXIES),
    mail: mailConfig(settings),
    logLevel: settings.LATCHKEY_LOG_LEVEL,
    memoryKeys: settings.LATCHKEY_MEMORY_KEYS,
    auditRetentionDays: settings.LATCHKEY_AUDIT_RETENTION_DAYS ?? null,
    caps: capsOf(settings),
    identity: identityConfigOf(settings),
    unknownSettings: unknownSettings(env, Object.keys(Settings.properties)),
  };
}

function fileOf(path: string | undefined): string | null {
  return path === undefined ? null : resolve(path);
}

/** Browsers do not send the session's cookie over plain http, except to loopback addresses. */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

function publicOrigin(text: string | undefined): string | null {
  if (text === undefined) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  const isOrigin = url !== null && /^https?:\/\/[^/?#@]+\/?$/i.test(text);
  if (!isOrigin)
    throw new OperatorError(
      'bad setting: LATCHKEY_PUBLIC_URL must be like https://keys.example.com, without a path',
    );
  if (url.protocol !== 'https:' && !LOOPBACK.test(url.hostname))
    throw new OperatorError(
      'bad setting: LATCHKEY_PUBLIC_URL must be https: browsers do not keep a session over plain http',
    );
  return url.origin;
}

function trustedProxies(text = ''): string[] {
  const networks = text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
  const wrong = networks.find((network) => !isNetwork(network));
  if (wrong === undefined) return networks;
  throw new OperatorError(
    `bad setting: LATCHKEY_TRUSTED_PROXIES must be addresses or networks, like 127.0.0.1, 10.0.0.0/8; ${wrong} is neither`,
  );
}

const ADDRESS = /^[^\s<>@,;:"]+@[^\s<>@,;:"]+$/;
const NAMED_ADDRESS = /^[^\p{Cc}<>@,;:"]+ <([^<>]+)>$/u;

/** The error messages do not repeat the values, since they may contain a password. */
function mailConfig({
  LATCHKEY_SMTP_URL: url,
  LATCHKEY_SMTP_PASSWORD_FILE: passwordFile,
  LATCHKEY_MAIL_FROM: from,
}: Static<typeof Settings>): MailConfig | null {
  if (url === undefined && from === undefined && passwordFile === undefined) return null;
  if (url === undefined)
    throw new OperatorError('bad setting: LATCHKEY_SMTP_URL is missing; the other settings of mail need it');
  if (!isSmtpUrl(url))
    throw new OperatorError(
      'bad setting: LATCHKEY_SMTP_URL must be like smtps://user:password@mail.example.com, the password percent-encoded',
    );
  if (from === undefined || !ADDRESS.test(NAMED_ADDRESS.exec(from)?.[1] ?? from))
    throw new OperatorError(
      'bad setting: LATCHKEY_MAIL_FROM must be the sender of mails, like Latchkey <keys@example.com>',
    );
  if (passwordFile !== undefined && !hasUserAlone(url))
    throw new OperatorError(
      'bad setting: LATCHKEY_SMTP_URL must name the user and no password, like smtps://user@mail.example.com, where LATCHKEY_SMTP_PASSWORD_FILE is set',
    );
  return { url, from, passwordFile: passwordFile === undefined ? null : resolve(passwordFile) };
}

function hasUserAlone(url: string): boolean {
  const { username, password } = new URL(url);
  return username !== '' && password === '';
}

function isSmtpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, pathname, search, hash } = new URL(text);
  const hasMore = pathname.length > 1 || search !== '' || hash !== '';
  return /^smtps?:$/.test(protocol) && hostname !== '' && !hasMore && isDecodable(username + password);
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function fromFlags({ dataDir, databaseUrl, host, port, logLevel }: ConfigFlags): Record<string, string> {
  const named = {
    LATCHKEY_DATA_DIR: dataDir,
    DATABASE_URL: databaseUrl,
    HOST: host,
    PORT: port,
    LATCHKEY_LOG_LEVEL: logLevel,
  };
  return Object.fromEntries(
    Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function read(data: Record<string, string | undefined>): Static<typeof Settings> {
  const given = Object.fromEntries(
    Object.keys(Settings.properties).flatMap((name) => present(name, data[name])),
  );
  const ajv = new Ajv(AJV_OPTIONS);
  if (ajv.validate<Static<typeof Settings>>(Settings, given)) return given;
  throw new OperatorError(`bad setting: ${explain(ajv)}`);
}

function explain(ajv: Ajv): string {
  const [first] = ajv.errors ?? [];
  const allowed: readonly string[] | undefined = first?.params.allowedValues;
  if (!first || !allowed) return ajv.errorsText(ajv.errors, { dataVar: 'env' }).replaceAll('env/', '');
  return `${first.instancePath.slice(1)} must be one of ${allowed.join(', ')}`;
}

/** An empty variable counts as not set. */
function present(name: string, value: string | undefined): [string, string][] {
  return value === undefined || value === '' ? [] : [[name, value]];
}

const CapSettings = Type.Object(CAP_SETTINGS);

function capsOf(settings: Static<typeof CapSettings>): Caps {
  return {
    keysPerMember: settings[CAPS.keysPerMember.setting],
    rolesPerWorkspace: settings[CAPS.rolesPerWorkspace.setting],
    workspacesPerPerson: settings[CAPS.workspacesPerPerson.setting],
    openInvitations: settings[CAPS.openInvitations.setting],
    mailsPerHour: settings[CAPS.mailsPerHour.setting],
  };
}

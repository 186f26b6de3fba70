import { Ajv } from 'ajv';
import { type Static, Type } from 'typebox';
import { CAPS } from '../domain/shared/caps.ts';
import { OperatorError } from '../domain/shared/operator-error.ts';
import { IDENTITY_SETTINGS } from './identity-config.ts';
import { MAIL_SETTINGS } from './mail-config.ts';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** What happens to keys with a limit per minute while the counter store does not answer. */
const LIMITS_WHEN_DOWN = ['share', 'deny', 'allow'] as const;

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
const Schema = Type.Object({
  LATCHKEY_DATA_DIR: Type.String({ minLength: 1, default: './data' }),
  LATCHKEY_PEPPER_FILE: Type.Optional(Type.String({ minLength: 1 })),
  LATCHKEY_BOOTSTRAP_KEY_FILE: Type.Optional(Type.String({ minLength: 1 })),
  LATCHKEY_PERMISSIONS_FILE: Type.Optional(Type.String({ minLength: 1 })),
  LATCHKEY_ROUTES_FILE: Type.Optional(Type.String({ minLength: 1 })),
  LATCHKEY_PUBLIC_URL: Type.Optional(Type.String({ minLength: 1 })),
  LATCHKEY_TRUSTED_PROXIES: Type.Optional(Type.String()),
  LATCHKEY_LOG_LEVEL: Type.Unsafe<(typeof LOG_LEVELS)[number]>({
    type: 'string',
    enum: [...LOG_LEVELS],
    default: 'info',
  }),
  LATCHKEY_MEMORY_KEYS: Type.Integer({ minimum: 1_000, maximum: 30_000_000, default: 1_000_000 }),
  LATCHKEY_BACKUP_DIR: Type.Optional(Type.String({ minLength: 1 })),
  LATCHKEY_AUDIT_RETENTION_DAYS: Type.Optional(Type.Integer({ minimum: 1, maximum: 36_500 })),
  LATCHKEY_LEASE_SECONDS: Type.Integer({ minimum: 1, maximum: 300, default: 10 }),
  LATCHKEY_STOP_DELAY_SECONDS: Type.Integer({ minimum: 0, maximum: 300, default: 0 }),
  LATCHKEY_COUNTERS_URL: Type.Optional(Type.String({ minLength: 1 })),
  LATCHKEY_LIMITS_WHEN_DOWN: Type.Unsafe<(typeof LIMITS_WHEN_DOWN)[number]>({
    type: 'string',
    enum: [...LIMITS_WHEN_DOWN],
    default: 'share',
  }),
  LATCHKEY_METRICS_PORT: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
  OTEL_EXPORTER_OTLP_ENDPOINT: Type.Optional(Type.String({ minLength: 1 })),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: Type.Optional(Type.String({ minLength: 1 })),
  OTEL_SDK_DISABLED: Type.Optional(Type.String()),
  OTEL_TRACES_EXPORTER: Type.Optional(Type.String()),
  DATABASE_READ_URL: Type.Optional(Type.String({ minLength: 1 })),
  DATABASE_URL: Type.Optional(Type.String({ pattern: '^[a-z][a-z0-9+.-]*:.+' })),
  HOST: Type.String({ minLength: 1, default: '127.0.0.1' }),
  PORT: Type.Integer({ minimum: 0, maximum: 65_535, default: 7_400 }),
  ...CAP_SETTINGS,
  ...MAIL_SETTINGS,
  ...IDENTITY_SETTINGS,
});

export type Settings = Static<typeof Schema>;

export const SETTING_NAMES = Object.keys(Schema.properties);

/** Types are coerced since a variable is always text. The schema itself is not validated, since that is slow at start. */
const AJV_OPTIONS = {
  allErrors: true,
  useDefaults: true,
  coerceTypes: true,
  validateSchema: false,
  meta: false,
};

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

/** Reads each setting from its flag, else from the environment, else its default. Throws OperatorError. */
export function readSettings(env: NodeJS.ProcessEnv, flags: ConfigFlags): Settings {
  const ofFlags = settingsOfFlags(flags);
  const given = Object.fromEntries(
    SETTING_NAMES.map((name) => [name, ofFlags[name] ?? env[name]] as const)
      // An empty variable counts as not set.
      .filter(([, value]) => value !== undefined && value !== ''),
  );
  const ajv = new Ajv(AJV_OPTIONS);
  if (ajv.validate<Settings>(Schema, given)) return given;
  throw new OperatorError(`bad setting: ${explain(ajv)}`);
}

function settingsOfFlags({ dataDir, databaseUrl, host, port, logLevel }: ConfigFlags): {
  readonly [name: string]: string | undefined;
} {
  return {
    LATCHKEY_DATA_DIR: dataDir,
    DATABASE_URL: databaseUrl,
    HOST: host,
    PORT: port,
    LATCHKEY_LOG_LEVEL: logLevel,
  };
}

function explain(ajv: Ajv): string {
  const [first] = ajv.errors ?? [];
  const allowed: readonly string[] | undefined = first?.params.allowedValues;
  if (!first || !allowed) return ajv.errorsText(ajv.errors, { dataVar: 'env' }).replaceAll('env/', '');
  return `${first.instancePath.slice(1)} must be one of ${allowed.join(', ')}`;
}

import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CAPS, DEFAULT_CAPS } from '../domain/shared/caps.ts';
import { OperatorError } from '../domain/shared/operator-error.ts';
import { loadConfig } from './config.ts';

describe('loadConfig', () => {
  test('has a default for everything', () => {
    const dataDir = resolve('data');
    expect(loadConfig({}, {})).toEqual({
      dataDir,
      pepperFile: `${dataDir}/pepper`,
      bootstrapKeyFile: null,
      permissionsFile: null,
      routesFile: null,
      databaseUrl: `file:${dataDir}/latchkey.db`,
      leaseMs: 10_000,
      stopDelayMs: 0,
      countersUrl: null,
      limitsWhenDown: 'share',
      metricsPort: null,
      backupDir: null,
      acceptOlderData: false,
      host: '127.0.0.1',
      port: 7_400,
      logLevel: 'info',
      sendsTraces: false,
      publicUrl: null,
      standbyUrl: null,
      trustedProxies: [],
      mail: null,
      memoryKeys: 1_000_000,
      auditRetentionDays: null,
      caps: DEFAULT_CAPS,
      identity: null,
      unknownSettings: [],
    });
  });

  test('a flag wins over the environment, the environment over the default', () => {
    const env = {
      PORT: '1',
      HOST: '0.0.0.0',
      LATCHKEY_DATA_DIR: '/env',
      DATABASE_URL: 'file:/env.db',
      LATCHKEY_LOG_LEVEL: 'warn',
    };
    expect(loadConfig(env, { port: '2', dataDir: '/flag' })).toMatchObject({
      port: 2,
      host: '0.0.0.0',
      dataDir: '/flag',
      pepperFile: '/flag/pepper',
      databaseUrl: 'file:/env.db',
      logLevel: 'warn',
    });
  });

  test('resolves the path of the permissions file against the working directory', () => {
    expect(loadConfig({ LATCHKEY_ROUTES_FILE: 'own.json' }, {}).routesFile).toBe(resolve('own.json'));
    expect(loadConfig({ LATCHKEY_PERMISSIONS_FILE: 'own.json' }, {})).toMatchObject({
      permissionsFile: resolve('own.json'),
    });
  });

  test('resolves the path of the backup folder against the working directory', () => {
    expect(loadConfig({ LATCHKEY_BACKUP_DIR: 'backups' }, {}).backupDir).toBe(resolve('backups'));
  });

  test.each(Object.entries(CAPS))('reads the cap %s from its setting', (name, { setting }) => {
    expect(loadConfig({ [setting]: '7' }, {}).caps).toEqual({ ...DEFAULT_CAPS, [name]: 7 });
    expect(() => loadConfig({ [setting]: '0' }, {})).toThrow(setting);
  });

  test('reads the trusted proxies, and throws on an entry that is neither an address nor a network', () => {
    const load = (text: string) => loadConfig({ LATCHKEY_TRUSTED_PROXIES: text }, {}).trustedProxies;
    expect(load('127.0.0.1, 10.0.0.0/8 ,2001:db8::/32,')).toEqual([
      '127.0.0.1',
      '10.0.0.0/8',
      '2001:db8::/32',
    ]);
    for (const bad of ['loopback', '10.0.0.0/33', '10.0.0.1;10.0.0.2'])
      expect(() => load(`127.0.0.1,${bad}`)).toThrow(
        /^bad setting: LATCHKEY_TRUSTED_PROXIES must be addresses/,
      );
  });

  test('reads the lease in seconds, from 1 to 300', () => {
    expect(loadConfig({ LATCHKEY_LEASE_SECONDS: '2' }, {}).leaseMs).toBe(2_000);
    expect(loadConfig({ LATCHKEY_STOP_DELAY_SECONDS: '3' }, {}).stopDelayMs).toBe(3_000);
    for (const bad of ['0', '301', '1.5'])
      expect(() => loadConfig({ LATCHKEY_LEASE_SECONDS: bad }, {})).toThrow('LATCHKEY_LEASE_SECONDS');
  });

  test('traces are sent if a collector is set, unless they are switched off', () => {
    const collector = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };
    const forTraces = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://collector/v1/traces' };
    const sends = (env: NodeJS.ProcessEnv) => loadConfig(env, {}).sendsTraces;
    expect([{}, collector, forTraces].map(sends)).toEqual([false, true, true]);
    expect(sends({ ...collector, OTEL_SDK_DISABLED: 'True' })).toBe(false);
    expect(sends({ ...collector, OTEL_TRACES_EXPORTER: 'none' })).toBe(false);
  });

  test('a collector must be an HTTP URL, and an error does not repeat it', () => {
    for (const name of ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'])
      for (const bad of ['grpc://user:hunter2@collector', 'collector:4318/hunter2', 'http://hunter2:port']) {
        const load = () => loadConfig({ [name]: bad }, {});
        expect(load).toThrow(`${name} must be like http://`);
        expect(load).not.toThrow('hunter2');
      }
  });

  test('DATABASE_READ_URL is a standby of PostgreSQL, and an error does not repeat it', () => {
    const primary = { DATABASE_URL: 'postgres://db/latchkey' };
    const url = 'postgres://reader:hunter2@standby/latchkey';
    expect(loadConfig({ ...primary, DATABASE_READ_URL: url }, {}).standbyUrl).toBe(url);
    expect(loadConfig(primary, {}).standbyUrl).toBeNull();
    const wrong = /^bad setting: DATABASE_READ_URL must be like (?!.*hunter2)/;
    for (const settings of [{ DATABASE_READ_URL: url }, { ...primary, DATABASE_READ_URL: 'file:hunter2' }])
      expect(() => loadConfig(settings, {})).toThrow(wrong);
  });

  test('counts per minute are kept in the database that instances share, or where LATCHKEY_COUNTERS_URL says', () => {
    const database = { DATABASE_URL: 'postgres://db.example.com/latchkey' };
    expect(loadConfig(database, {}).countersUrl).toBe(database.DATABASE_URL);
    for (const url of ['redis://:p@redis/1', 'rediss://redis', 'postgres://db/counters', 'postgresql://db/c'])
      expect(loadConfig({ ...database, LATCHKEY_COUNTERS_URL: url }, {}).countersUrl).toBe(url);
    for (const url of ['http://redis', 'redis:', 'redis://:hunter2@redis:port', 'hunter2'])
      expect(() => loadConfig({ ...database, LATCHKEY_COUNTERS_URL: url }, {})).toThrow(
        /^bad setting: LATCHKEY_COUNTERS_URL must be like (?!.*hunter2)/,
      );
    expect(() => loadConfig({ LATCHKEY_COUNTERS_URL: 'redis://:hunter2@redis' }, {})).toThrow(
      /^bad setting: LATCHKEY_COUNTERS_URL is for several instances(?!.*hunter2)/,
    );
    expect(loadConfig({ LATCHKEY_LIMITS_WHEN_DOWN: 'deny' }, {}).limitsWhenDown).toBe('deny');
    expect(() => loadConfig({ LATCHKEY_LIMITS_WHEN_DOWN: 'no' }, {})).toThrow(
      'bad setting: LATCHKEY_LIMITS_WHEN_DOWN must be one of share, deny, allow',
    );
  });

  test('reads how long the audit log is kept', () => {
    expect(loadConfig({ LATCHKEY_AUDIT_RETENTION_DAYS: '400' }, {})).toMatchObject({
      auditRetentionDays: 400,
    });
  });

  test.each([
    ['https://keys.example.com', 'https://keys.example.com'],
    ['https://Keys.Example.com:443/', 'https://keys.example.com'],
    ['https://Keys.example.com:8443/', 'https://keys.example.com:8443'],
    ['http://127.0.0.1:7400', 'http://127.0.0.1:7400'],
    ['http://localhost:8080', 'http://localhost:8080'],
    ['http://[::1]:7400', 'http://[::1]:7400'],
  ])('reads %s as the origin of its pages', (text, publicUrl) => {
    expect(loadConfig({ LATCHKEY_PUBLIC_URL: text }, {})).toMatchObject({ publicUrl });
  });

  test.each([
    ['smtp://127.0.0.1:1025', 'keys@example.com'],
    ['smtps://me%40example.com:p%40ss@mail.example.com', 'Latchkey Keys <keys@example.com>'],
  ])('reads where mail goes out, %s, and from whom, %s', (url, from) => {
    const env = { LATCHKEY_SMTP_URL: url, LATCHKEY_MAIL_FROM: from };
    expect(loadConfig(env, {})).toMatchObject({ mail: { url, from, passwordFile: null } });
  });

  test('reads the password of the mail server from a file where one is named, and then not from the URL too', () => {
    const env = {
      LATCHKEY_SMTP_URL: 'smtps://me@mail.example.com',
      LATCHKEY_SMTP_PASSWORD_FILE: '/run/secrets/smtp',
      LATCHKEY_MAIL_FROM: 'keys@example.com',
    };
    expect(loadConfig(env, {}).mail).toMatchObject({ passwordFile: '/run/secrets/smtp' });
    for (const url of ['smtps://me:hunter2@mail.example.com', 'smtps://mail.example.com'])
      expect(() => loadConfig({ ...env, LATCHKEY_SMTP_URL: url }, {})).toThrow(
        /^bad setting: LATCHKEY_SMTP_URL must name the user and no password(?!.*hunter2)/,
      );
  });

  test.each([
    ['mail.example.com', 'keys@example.com', 'LATCHKEY_SMTP_URL must be like'],
    ['http://me:hunter2@mail.example.com', 'keys@example.com', 'LATCHKEY_SMTP_URL must be like'],
    ['smtp://me:hunter2@mail.example.com/?x=y', 'keys@example.com', 'LATCHKEY_SMTP_URL must be like'],
    ['smtp://me:hunter2%@mail.example.com', 'keys@example.com', 'the password percent-encoded'],
    ['smtp://me:hunter2@mail.example.com', '', 'LATCHKEY_MAIL_FROM must be'],
    ['smtp://me:hunter2@mail.example.com', 'keys', 'LATCHKEY_MAIL_FROM must be'],
    ['smtp://me:hunter2@mail.example.com', 'a@example.com, b@example.com', 'LATCHKEY_MAIL_FROM must be'],
    ['smtp://me:hunter2@mail.example.com', 'x\r\nBcc: y <a@example.com>', 'LATCHKEY_MAIL_FROM must be'],
    ['', 'keys@example.com', 'LATCHKEY_SMTP_URL is missing'],
  ])('throws on the mail settings %j from %j, in one line without the password', (url, from, why) => {
    const load = () => loadConfig({ LATCHKEY_SMTP_URL: url, LATCHKEY_MAIL_FROM: from }, {});
    expect(load).toThrow(OperatorError);
    expect(load).toThrow(/^bad setting: (?!.*hunter2)[^\n]*$/);
    expect(load).toThrow(why);
  });

  test('an empty variable counts as not set', () => {
    expect(loadConfig({ PORT: '', HOST: '' }, {})).toMatchObject({ port: 7_400, host: '127.0.0.1' });
  });

  test.each([
    ['PORT', 'http'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['LATCHKEY_LOG_LEVEL', 'loud'],
    ['LATCHKEY_PUBLIC_URL', 'keys.example.com'],
    ['LATCHKEY_PUBLIC_URL', 'https://keys.example.com/latchkey'],
    ['LATCHKEY_PUBLIC_URL', 'https://user@keys.example.com'],
    ['LATCHKEY_PUBLIC_URL', 'http://keys.example.com'],
    ['LATCHKEY_PUBLIC_URL', 'http://10.0.0.7:7400'],
    ['LATCHKEY_PUBLIC_URL', 'ftp://127.0.0.1'],
    ['LATCHKEY_AUDIT_RETENTION_DAYS', '0'],
    ['LATCHKEY_AUDIT_RETENTION_DAYS', 'ever'],
    ['DATABASE_URL', 'latchkey.db'],
    ['DATABASE_URL', 'file:'],
  ])('throws on %s=%s, in one line that names the setting', (name, value) => {
    expect(() => loadConfig({ [name]: value }, {})).toThrow(OperatorError);
    expect(() => loadConfig({ [name]: value }, {})).toThrow(new RegExp(`^bad setting: ${name}[^\\n]*$`));
  });
});

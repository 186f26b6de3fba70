import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from './config.ts';
import { OperatorError } from './domain/shared/operator-error.ts';

describe('loadConfig', () => {
  test('has a default for everything', () => {
    const dataDir = resolve('data');
    expect(loadConfig({}, {})).toEqual({
      dataDir,
      pepperFile: `${dataDir}/pepper`,
      databaseUrl: `file:${dataDir}/latchkey.db`,
      host: '127.0.0.1',
      port: 7_400,
      logLevel: 'info',
      memoryKeys: 1_000_000,
      auditRetentionDays: null,
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

  test('reads how long the audit log is kept', () => {
    expect(loadConfig({ LATCHKEY_AUDIT_RETENTION_DAYS: '400' }, {})).toMatchObject({
      auditRetentionDays: 400,
    });
  });

  test('an empty variable is one that is not set', () => {
    expect(loadConfig({ PORT: '', HOST: '' }, {})).toMatchObject({ port: 7_400, host: '127.0.0.1' });
  });

  test.each([
    ['PORT', 'http'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['LATCHKEY_LOG_LEVEL', 'loud'],
    ['LATCHKEY_AUDIT_RETENTION_DAYS', '0'],
    ['LATCHKEY_AUDIT_RETENTION_DAYS', 'ever'],
    ['DATABASE_URL', 'latchkey.db'],
    ['DATABASE_URL', 'file:'],
  ])('refuses %s=%s in one line that names it', (name, value) => {
    expect(() => loadConfig({ [name]: value }, {})).toThrow(OperatorError);
    expect(() => loadConfig({ [name]: value }, {})).toThrow(new RegExp(`^bad setting: ${name}[^\\n]*$`));
  });
});

import { expect, test } from 'vitest';
import { loadConfig } from './config.ts';

test.each([
  ['LATCHKEY_AUDIT_RETENTION_DAY', 'LATCHKEY_AUDIT_RETENTION_DAYS'],
  ['LATCHKEY_LOGLEVEL', 'LATCHKEY_LOG_LEVEL'],
  ['LATCHKEY_PUBLC_URL', 'LATCHKEY_PUBLIC_URL'],
  ['LATCHKEY_OIDC_AUDIENC', 'LATCHKEY_OIDC_AUDIENCE'],
  ['latchkey_data_dir', 'LATCHKEY_DATA_DIR'],
  ['LATCHKEY_SOMETHING_ELSE', null],
  ['LATCHKEY_', null],
])('%s is not a setting, and the nearest name is %s', (name, nearest) => {
  expect(loadConfig({ [name]: 'x' }, {}).unknownSettings).toEqual([{ name, nearest }]);
});

test('does not report settings, empty variables, variables of the command line, and variables with another prefix', () => {
  const env = {
    LATCHKEY_LOG_LEVEL: 'warn',
    LATCHKEY_MEMORY_KEYS: '5000',
    LATCHKEY_KEY: 'x',
    LATCHKEY_URL: 'x',
    LATCHKEY_PROFILE: 'x',
    LATCHKEY_DEBUG: '1',
    LATCHKEY_LOGLEVEL: '',
    DATABASE_URI: 'x',
    MY_LATCHKEY_PORT: '1',
  };
  expect(loadConfig(env, {}).unknownSettings).toEqual([]);
});

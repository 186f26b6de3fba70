import { expect, test } from 'vitest';
import { asInvoked } from './invocation.ts';

const fromNpmRun = { npm_command: 'run-script', npm_lifecycle_event: 'latchkey' };

test.each([
  ['npm run latchkey', fromNpmRun, 'npm run --silent latchkey -- keys list'],
  [
    'npm start',
    { npm_command: 'run-script', npm_lifecycle_event: 'start' },
    'npm run --silent latchkey -- keys list',
  ],
  ['npx', { npm_command: 'exec', npm_lifecycle_event: 'npx' }, 'npx latchkey keys list'],
  ['its own name', {}, 'latchkey keys list'],
  [
    'the script of another package',
    { npm_command: 'run-script', npm_lifecycle_event: 'deploy' },
    'latchkey keys list',
  ],
])('commands are printed as the program was called: by %s', (_, env, expected) => {
  expect(asInvoked('latchkey keys list', env)).toBe(expected);
});

test.each(['latchkey is a program', '/etc/latchkey keys', 'my-latchkey keys', 'latchkey-keys'])(
  'what is not a command stays as it is: %s',
  (text) => {
    expect(asInvoked(text, fromNpmRun)).toBe(text);
  },
);

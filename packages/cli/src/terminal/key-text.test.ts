import { BASE62, PENDING_PREFIX, secretText, TOKEN_LABELS } from '@latchkey/contract';
import { expect, test } from 'vitest';
import { requireNoKeysIn } from './secret-text.ts';

const random = BASE62.slice(0, 43);

test.each([
  secretText('acme_test', random),
  ...Object.values(TOKEN_LABELS).map((labels) => secretText(labels, random)),
  `lki_${random}`,
  PENDING_PREFIX + random,
])('%s is rejected as an argument, in an option and in a URL', (secret) => {
  for (const argument of [secret, `--name=${secret}`, `https://keys.example.com/accept#${secret}`])
    expect(() => requireNoKeysIn(['keys', 'show', argument])).toThrow('must not be an argument');
});

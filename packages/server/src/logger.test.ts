import { expect, test } from 'vitest';
import { generateKeyText } from './domain/shared/tokens.ts';
import { createLogger } from './log-output.ts';

test('the text of each error is reported, without secrets', () => {
  const texts: string[] = [];
  const logger = createLogger('fatal', { write: () => {} }, (text) => void texts.push(text));
  const other = createLogger('info', { write: () => {} }, (text) => void texts.push(text));
  const secret = generateKeyText('lk', 'live');
  logger.error('below the level');
  other.warn('a warning');
  other.error({ err: new Error('cause') }, `failed with ${secret}`);
  other.fatal('gone');
  expect(texts).toEqual([expect.stringMatching(/^failed with /), 'gone']);
  expect(texts.join()).not.toContain(secret.slice(8, -6));
});

test('no secret gets into a line, whether its field is known, its look is, or an error carries it', () => {
  const lines: string[] = [];
  const logger = createLogger('trace', { write: (line) => void lines.push(line) });
  const secret = generateKeyText('lk', 'live');
  logger.info(
    { authorization: `Bearer ${secret}`, req: { headers: { authorization: 'Bearer opaque-token' } } },
    'a',
  );
  logger.info({ key: 'opaque', body: { key: 'opaque', token: 'opaque' } }, 'b');
  logger.error({ err: new Error(`cannot use ${secret}`) }, `message with ${secret}`);
  const text = lines.join('');
  expect(lines).toHaveLength(3);
  expect(text).not.toContain(secret.slice(8, -6));
  expect(text).not.toContain('opaque');
});

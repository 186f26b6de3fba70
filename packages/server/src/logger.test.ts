import { expect, test } from 'vitest';
import { generateKeyText } from './domain/shared/tokens.ts';
import { createLogger } from './log-output.ts';

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

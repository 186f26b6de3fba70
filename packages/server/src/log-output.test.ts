import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { generateKeyText } from './domain/shared/tokens.ts';
import { createLogger, LogOutput } from './log-output.ts';

const LINE = `${JSON.stringify({ msg: 'x'.repeat(1_000) })}\n`;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('writes lines in their order, also those that come while others are written', async () => {
  const path = join(folder, 'log');
  const file = openSync(path, 'w');
  const output = new LogOutput(file);
  for (let line = 0; line < 1_000; line++) output.write(`${line}\n`);
  await expect.poll(() => readFileSync(path, 'utf8')).toMatch(/^999\n$/m);
  closeSync(file);
  expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toEqual(
    Array.from({ length: 1_000 }, (_, line) => String(line)),
  );
});

describe.skipIf(process.platform !== 'linux')('a pipe whose reader is slow', () => {
  test('blocks nothing, keeps 4 MiB of lines, and then says how many were lost', async () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    const output = new LogOutput(writer);
    for (let line = 0; line < 10_000; line++) output.write(LINE);
    const chunk = Buffer.alloc(65_536);
    let text = '';
    const drain = () => {
      try {
        for (let bytes = 1; bytes > 0; ) {
          bytes = readSync(reader, chunk);
          text += chunk.toString('utf8', 0, bytes);
        }
      } catch (error) {
        expect((error as NodeJS.ErrnoException).code).toBe('EAGAIN');
      }
    };
    await vi.waitFor(
      () => {
        output.write('{"msg":"later"}\n');
        drain();
        expect(text.includes('log lines were lost') && text.endsWith('"later"}\n')).toBe(true);
      },
      { timeout: 20_000, interval: 10 },
    );
    closeSync(writer);
    drain();
    closeSync(reader);
    const entries = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { msg: string; lost?: number });
    const lost = entries.reduce((sum, entry) => sum + (entry.lost ?? 0), 0);
    const written = entries.filter(({ msg }) => msg.startsWith('x')).length;
    expect(lost).toBeGreaterThan(0);
    expect(written + lost).toBeGreaterThanOrEqual(10_000);
    expect(written * LINE.length).toBeGreaterThan(4_000_000);
  });
});

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

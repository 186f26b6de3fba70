import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { startProgress } from './progress.ts';
import type { Terminal } from './terminal.ts';

function terminalWith(screen: object, env: NodeJS.ProcessEnv = {}): { terminal: Terminal; shown(): string } {
  const stderr = Object.assign(new PassThrough(), screen);
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const terminal: Terminal = { env, stdin, stdout, stderr, exitCode: 0, outlivesOutput: false };
  let text = '';
  stderr.on('data', (chunk) => {
    text += String(chunk);
  });
  return { terminal, shown: () => text };
}

test('shows the progress on a terminal', async () => {
  const { terminal, shown } = terminalWith({ isTTY: true, columns: 80, rows: 24 });
  const progress = await startProgress(terminal, 'keys', async () => 120);
  for (let item = 0; item < 120; item++) progress.advance();
  await expect.poll(shown, { timeout: 20_000 }).toContain('100 of 120 keys');
  progress.stop();
});

test.each([
  ['a file or a pipe', {}, {}],
  ['a dumb terminal', { isTTY: true, columns: 80 }, { TERM: 'dumb' }],
])('%s: shows nothing, and does not request the number of items', async (_, screen, env) => {
  const { terminal, shown } = terminalWith(screen, env);
  const progress = await startProgress(terminal, 'keys', () => expect.fail('the total was asked for'));
  progress.advance();
  progress.stop();
  expect(shown()).toBe('');
});

import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { printable } from '../printable.ts';
import type { Terminal } from './terminal.ts';

/** Asks the person at the terminal. Returns false without an answer, as on Ctrl-D and Ctrl-C. */
export async function confirm({ stdin, stderr }: Terminal, question: string): Promise<boolean> {
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    const closed = once(lines, 'close').then(() => 'no');
    const answered = lines.question(`${printable(question)} [y/N] `).catch(whereAborted);
    const answer = await Promise.race([answered, closed]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}

function whereAborted(error: unknown): string {
  if (error instanceof Error && error.name === 'AbortError') return 'no';
  throw error;
}

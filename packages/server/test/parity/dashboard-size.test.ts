import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';

const BUILT = new URL('../../../dashboard/dist/', import.meta.url);
const MANIFEST = new URL('manifest.json', BUILT);
const KB = 1_000;

interface Chunk {
  readonly file: string;
  readonly imports?: readonly string[];
}

/** The bytes of script, as they are sent, that the page and these modules need before they can be used. */
function scriptBytes(...modules: string[]): number {
  const manifest: Record<string, Chunk> = JSON.parse(readFileSync(MANIFEST, 'utf8'));
  const needed = new Set<string>();
  const add = (name: string): void => {
    const chunk = manifest[name];
    if (!chunk) throw new Error(`${name} is not a module of the dashboard`);
    if (needed.has(chunk.file)) return;
    needed.add(chunk.file);
    chunk.imports?.forEach(add);
  };
  for (const name of ['index.html', ...modules]) add(name);
  return [...needed].reduce(
    (sum, file) => sum + gzipSync(readFileSync(new URL(file, BUILT)), { level: 9 }).length,
    0,
  );
}

describe('the script of the dashboard, compressed', () => {
  test('is at most 200 kB for a usable sign-in', () => {
    expect(scriptBytes('src/features/sign-in/sign-in-page.tsx')).toBeLessThanOrEqual(200 * KB);
  });

  test('is at most 280 kB for the list of keys', () => {
    expect(scriptBytes('src/shell/shell.tsx', 'src/features/keys/keys-page.tsx')).toBeLessThanOrEqual(
      280 * KB,
    );
  });

  test('has the chart in a file of its own, which neither loads', () => {
    const withChart = scriptBytes('src/shell/shell.tsx', 'src/features/key/key-page.tsx');
    expect(withChart).toBeLessThanOrEqual(280 * KB);
    expect(scriptBytes('src/features/key/key-usage.tsx')).toBeGreaterThan(withChart);
  });
});

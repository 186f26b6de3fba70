import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

type Versions = Readonly<Record<string, string>>;

function manifest(folder: string): { dependencies?: Versions; devDependencies?: Versions } {
  const file = fileURLToPath(new URL(`../../../../${folder}/package.json`, import.meta.url));
  return JSON.parse(readFileSync(file, 'utf8'));
}

test('what the program is built from, and does not depend on once it is built, is installed by a start', () => {
  const builtFrom = ['packages/cli', 'packages/server'].flatMap((folder) =>
    Object.entries(manifest(folder).devDependencies ?? {}).filter(([name]) => !name.startsWith('@latchkey/')),
  );
  expect(manifest('.').dependencies).toMatchObject(Object.fromEntries(builtFrom));
});

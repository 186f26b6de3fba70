import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEMANDED_PERMISSIONS, PERMISSIONS } from '@latchkey/contract';
import { expect, test } from 'vitest';
import { startTestService } from '../harness/test-service.ts';

const SEED = readFileSync(new URL('seed-permissions.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n');

test("the catalogue is the seed page's 101 permissions, in its order", () => {
  expect(SEED).toHaveLength(101);
  expect(PERMISSIONS).toEqual(SEED);
});

test('GET /permissions answers them in the same order', async () => {
  const service = await startTestService();
  const { body } = await service.call('GET', '/api/v2/permissions', { as: service.owner.secret });
  expect(body.data.result.permissions.map(({ id }: { id: string }) => id)).toEqual(SEED);
  await service.close();
});

test('every permission that the code asks for is among those that a catalogue must have', () => {
  const source = fileURLToPath(new URL('../../src/', import.meta.url));
  const files = ['domain', 'http'].flatMap((folder) =>
    readdirSync(join(source, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.includes('.test.') && !file.startsWith('demo/'))
      .map((file) => readFileSync(join(source, folder, file), 'utf8')),
  );
  const named = files.flatMap((text) => SEED.filter((permission) => text.includes(`'${permission}'`)));
  expect(new Set(named).size).toBeGreaterThan(10);
  expect(DEMANDED_PERMISSIONS).toEqual(expect.arrayContaining(named));
});

import { readFileSync } from 'node:fs';
import { PERMISSIONS } from '@latchkey/contract';
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

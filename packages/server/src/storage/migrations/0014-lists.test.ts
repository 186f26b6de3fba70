import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { BUILT_IN_CATALOGUE } from '@latchkey/contract';
import { expect, onTestFinished, test } from 'vitest';
import { TestClock } from '../../../test/harness/test-clock.ts';
import type { AuditFilter } from '../../domain/audit/audit-store.ts';
import { Keyring } from '../../domain/shared/keyring.ts';
import { openStorage } from '../open-storage.ts';

const FIXTURE = new URL('../../../test/fixtures/before-people/latchkey.db.gz', import.meta.url);
const PAGE = { sortOrder: 'asc', limit: 1_000, offset: 0, after: null } as const;

test('entries of an older database are found by their target and by the names that they contain', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-lists-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'latchkey.db');
  writeFileSync(file, gunzipSync(readFileSync(FIXTURE)));
  const keyring = new Keyring(Buffer.alloc(32, 7));
  const storage = await openStorage(`file:${file}`, keyring, new TestClock(), BUILT_IN_CATALOGUE);
  onTestFinished(() => storage.close());
  const workspace = await storage.workspaces.first();
  const found = async (filter: AuditFilter) =>
    (await storage.audit.list(workspace?.id ?? '', filter, PAGE)).items.map(({ id }) => id);
  const { items } = await storage.audit.list(workspace?.id ?? '', {}, PAGE);
  const named = items.filter(
    ({ target, after }) => target.kind === 'api-key' && typeof after?.name === 'string',
  );
  expect(named.length).toBeGreaterThan(0);
  for (const { id, target, after } of named) {
    const text = String(after?.name).toUpperCase();
    expect(await found({ targetId: target.id })).toContain(id);
    expect(await found({ search: { text, keysByName: 'all' } })).toContain(id);
  }
});

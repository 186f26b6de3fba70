import { expect, onTestFinished, test } from 'vitest';
import { asking, openVerification } from '../harness/verification.ts';

const USES = 10_000;
const USES_PER_ROUND = 100;

test(`${USES} uses of a key, written beside its edits, never undo one: disabled it stays disabled, and renamed renamed`, async () => {
  const { verifier, usage, storage, clock, issue, close } = await openVerification();
  onTestFinished(close);
  const { key, text } = await issue();
  let { version } = key;
  const find = () => storage.keys.find(key.workspaceId, key.id);
  /** Changes the key while its uses are written. */
  const edit = async (changes: { name: string; isActive: boolean }) => {
    const update = { ...key, ...changes, version: version++ };
    const [, isWritten] = await Promise.all([usage.flush(), storage.keys.update(update), usage.flush()]);
    expect(isWritten).toBe(true);
  };
  let lastUsedAt: number | null = null;
  for (let uses = 0; uses < USES; uses += USES_PER_ROUND) {
    const name = `Key after ${uses} uses`;
    for (let use = 0; use < USES_PER_ROUND; use++) {
      clock.advance(1);
      expect((await verifier.verify(asking(text))).code).toBe('VALID');
    }
    lastUsedAt = clock.now();
    await edit({ name, isActive: false });
    expect((await verifier.verify(asking(text))).code).toBe('KEY_DISABLED');
    expect(await find()).toEqual({ ...key, name, isActive: false, version, lastUsedAt });
    await edit({ name, isActive: true });
  }
  expect(await find()).toMatchObject({ isActive: true, lastUsedAt, isIntact: true });
});

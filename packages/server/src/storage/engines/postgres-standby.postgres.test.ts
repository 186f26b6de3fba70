import { BUILT_IN_CATALOGUE } from '@latchkey/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DatabaseProxy, startDatabaseProxy } from '../../../test/harness/database-proxy.ts';
import { createPostgresDatabase, type PostgresDatabase } from '../../../test/harness/postgres-database.ts';
import { verifyChain } from '../../domain/audit/chain-check.ts';
import { denialOf } from '../../domain/audit/entry.ts';
import { chainLines } from '../../domain/audit/list-log.ts';
import { appendEntry } from '../../domain/audit/record-change.ts';
import { trimLog } from '../../domain/audit/trim-log.ts';
import { NO_CLIENT } from '../../domain/shared/caller.ts';
import { Keyring } from '../../domain/shared/keyring.ts';
import { openStorage } from '../open-storage.ts';
import type { Storage } from '../storage.ts';
import { AT, type SuiteDatabase, seedWorkspace } from '../suites/suite-database.ts';

const keyring = new Keyring(Buffer.alloc(32, 3));
const DAY_MS = 86_400_000;
/** More than one statement of an export reads. */
const OLD_ENTRIES = 700;

let primary: PostgresDatabase;
/** A standby that does not follow any longer, as one that is late. */
let standby: PostgresDatabase;
/** Between the service and the standby. */
let proxy: DatabaseProxy;
let storage: Storage;
let workspaceId: string;

beforeEach(async () => {
  primary = await createPostgresDatabase();
  storage = await open(null);
  ({
    workspace: { id: workspaceId },
  } = await seedWorkspace({ storage } as SuiteDatabase));
  await append(OLD_ENTRIES, AT);
  await append(5, AT + 2 * DAY_MS);
  await storage.close();
  standby = await createPostgresDatabase(new URL(primary.url).pathname.slice(1));
  proxy = await startDatabaseProxy(standby.url);
  storage = await open(proxy.url);
  await removeOldEntries();
});
afterEach(async () => {
  await storage.close();
  await proxy.close();
  await Promise.all([primary.drop(), standby.drop()]);
});

function open(standbyUrl: string | null): Promise<Storage> {
  return openStorage(primary.url, keyring, { now: () => AT }, BUILT_IN_CATALOGUE, { standbyUrl });
}

function append(count: number, createdAt: number): Promise<void> {
  return storage.transact(async ({ audit }) => {
    for (let made = 0; made < count; made++)
      await appendEntry(audit, {
        ...NO_CLIENT,
        workspaceId,
        eventType: 'role.created',
        actorId: null,
        credential: { kind: 'operator', keyId: null },
        target: { kind: 'role', id: 'role_1' },
        before: null,
        after: {},
        ...denialOf(null),
        createdAt,
      });
  });
}

/** Retention on the primary, which the standby does not have. */
function removeOldEntries(): Promise<void> {
  const clock = { now: () => AT + 3 * DAY_MS };
  return trimLog({ unitOfWork: storage, audit: storage.audit, clock }, 2);
}

const never = new AbortController().signal;

const startExport = () => chainLines(storage.exporting(never).audit, workspaceId);

const checkpointForLists = () => storage.listing(never).audit.checkpoint(workspaceId);

/** Resolves when the standby answers lists: it has no checkpoint. */
function untilStandbyIsUsed(): Promise<void> {
  return expect.poll(checkpointForLists, { timeout: 15_000 }).toBeNull();
}

async function readAll(lines: AsyncIterator<string>): Promise<string[]> {
  const read: string[] = [];
  for (let next = await lines.next(); !next.done; next = await lines.next()) read.push(next.value);
  return read;
}

test('an export that began at the primary is read there to its end, although the standby answers by then', async () => {
  proxy.cut();
  storage.standby?.start(() => {});
  const lines = startExport();
  const first = await lines.next();
  expect(first.value).toContain('checkpoint');
  proxy.restore();
  await untilStandbyIsUsed();
  const verdict = verifyChain([String(first.value), ...(await readAll(lines))]);
  expect(verdict).toMatchObject({ isIntact: true, from: { sequence: OLD_ENTRIES } });
});

test('an export from a standby that fails meanwhile ends with an error, and never goes on with entries of the primary', async () => {
  storage.standby?.start(() => {});
  await untilStandbyIsUsed();
  const lines = startExport();
  expect((await lines.next()).value).toContain('"sequence":1');
  proxy.cut();
  await expect(readAll(lines)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  const again = await readAll(startExport());
  expect(verifyChain(again)).toMatchObject({ isIntact: true, from: { sequence: OLD_ENTRIES } });
});

test('an export from a late standby is whole, and ends with the last entry that the standby has', async () => {
  storage.standby?.start(() => {});
  await untilStandbyIsUsed();
  const verdict = verifyChain(await readAll(startExport()));
  expect(verdict).toMatchObject({
    isIntact: true,
    from: { sequence: 0 },
    head: { sequence: OLD_ENTRIES + 5 },
  });
});

import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BUILT_IN_CATALOGUE } from '@latchkey/contract';
import { bootstrapService } from '../../../src/domain/bootstrap/bootstrap-service.ts';
import { claimSignInLink } from '../../../src/domain/sessions/claim-sign-in-link.ts';
import { createSignInLink } from '../../../src/domain/sessions/create-sign-in-link.ts';
import { SIGN_IN_LINK_KEPT_MS } from '../../../src/domain/sessions/sign-in-link.ts';
import { AppError } from '../../../src/domain/shared/app-error.ts';
import { NO_CLIENT, operator } from '../../../src/domain/shared/caller.ts';
import { Keyring } from '../../../src/domain/shared/keyring.ts';
import { engineFor } from '../../../src/storage/engines/registry.ts';
import { openStorage } from '../../../src/storage/open-storage.ts';
import type { Storage } from '../../../src/storage/storage.ts';
import { TestClock } from '../../harness/test-clock.ts';

const FOUNDING = { workspaceName: 'W', ownerEmail: 'owner@example.com', ownerName: 'Owner' };

/** The answer to a claim of the first link after each event: a restart, a restored backup, emptied tables. */
export async function restoredRound(): Promise<Record<string, string>> {
  const folder = mkdtempSync(path.join(tmpdir(), 'latchkey-first-run-'));
  const [live, backup] = [path.join(folder, 'live'), path.join(folder, 'backup')];
  const database = new Database(`file:${live}/latchkey.db`);
  try {
    mkdirSync(live);
    const token = await database.use(async (storage) => {
      const needs = database.needs(storage);
      const owner = await bootstrapService(needs, FOUNDING);
      return (await createSignInLink(needs, operator(storage.catalogue, owner))).token;
    });
    cpSync(live, backup, { recursive: true });
    const atFirst = await database.claim(token);
    const restarted = await database.claim(token);
    rmSync(live, { recursive: true });
    cpSync(backup, live, { recursive: true });
    database.clock.advance(SIGN_IN_LINK_KEPT_MS);
    const restored = await database.claim(token);
    await database.empty();
    return {
      atFirst,
      'after a restart': restarted,
      'after the backup was restored, 15 minutes on': restored,
      'after the tables were emptied': await database.claim(token),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A database file that is opened again for each operation. */
class Database {
  readonly clock = new TestClock();
  readonly #keyring = new Keyring(Buffer.alloc(32, 7));
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  needs(storage: Storage) {
    const { catalogue } = storage;
    return { unitOfWork: storage, keyring: this.#keyring, clock: this.clock, catalogue };
  }

  async use<T>(work: (storage: Storage) => Promise<T>): Promise<T> {
    const storage = await openStorage(this.#url, this.#keyring, this.clock, BUILT_IN_CATALOGUE);
    try {
      return await work(storage);
    } finally {
      await storage.close();
    }
  }

  claim(token: string): Promise<string> {
    return this.use((storage) =>
      claimSignInLink(this.needs(storage), token, NO_CLIENT).then(
        () => 'signed in',
        (error: unknown) => (error instanceof AppError ? error.code : String(error)),
      ),
    );
  }

  async empty(): Promise<void> {
    const { db, close } = await engineFor(this.#url).open(this.#url);
    for (const table of ['sign_in_links', 'sessions'] as const) await db.deleteFrom(table).execute();
    await close();
  }
}

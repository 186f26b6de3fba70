import { existsSync, readdirSync } from 'node:fs';
import type { Config } from './config/config.ts';
import { ensurePepper } from './config/pepper-file.ts';
import { type Bootstrapped, bootstrapService } from './domain/bootstrap/bootstrap-service.ts';
import { PastClock } from './domain/demo/demo-world.ts';
import { addressOf, COMPANY, FOUNDER } from './domain/demo/people.ts';
import { HISTORY_DAYS, seedDemo } from './domain/demo/seed-demo.ts';
import { DEFAULT_CAPS } from './domain/shared/caps.ts';
import { systemClock } from './domain/shared/clock.ts';
import { OperatorError } from './domain/shared/operator-error.ts';
import { withStorage } from './local-storage.ts';
import { engineFor } from './storage/engines/registry.ts';

const DAY_MS = 86_400_000;

/**
 * Creates a service with an invented company in a new data folder, as `seedDemo` describes. Throws OperatorError and changes
 * nothing if the folder has any file, or the database exists.
 */
export async function createDemo(config: Config, seed: number): Promise<Bootstrapped> {
  const { dataDir, databaseUrl, pepperFile } = config;
  const isUsed = existsSync(dataDir) && readdirSync(dataDir).length > 0;
  if (isUsed || (await engineFor(databaseUrl).exists(databaseUrl)))
    throw new OperatorError(
      `${isUsed ? dataDir : 'the database'} has data already, and the demonstration needs a new data folder; nothing was changed`,
    );
  ensurePepper(pepperFile);
  return withStorage(config, async (storage, keyring) => {
    const end = systemClock.now();
    const { catalogue, members, roles } = storage;
    const clock = new PastClock(end - HISTORY_DAYS * DAY_MS);
    const needs = { unitOfWork: storage, keyring, catalogue, clock };
    const founding = { workspaceName: COMPANY, ownerEmail: addressOf(FOUNDER), ownerName: FOUNDER };
    const founded = await bootstrapService(needs, { ...founding, agent: 'latchkey demo' });
    const signInWays = { hasProvider: false, hasMail: false };
    await seedDemo(
      { ...needs, members, roles, caps: DEFAULT_CAPS, mailer: null, signInWays },
      founded,
      end,
      seed,
    );
    return founded;
  });
}

import { BUILT_IN_CATALOGUE, type Catalogue } from '@latchkey/contract';
import type { Config } from './config/config.ts';
import { readPeppers } from './config/pepper-file.ts';
import { readPermissionsFile } from './config/permissions-file.ts';
import { systemClock } from './domain/shared/clock.ts';
import { Keyring } from './domain/shared/keyring.ts';
import type { Tracer } from './domain/shared/telemetry.ts';
import { openStorage } from './storage/open-storage.ts';
import type { Storage } from './storage/storage.ts';

/** The permissions of the service. OperatorError if the file that the setting names cannot be used. */
export function readCatalogue({ permissionsFile }: Config): Catalogue {
  return permissionsFile === null ? BUILT_IN_CATALOGUE : readPermissionsFile(permissionsFile);
}

/** Opens the database that the settings name. Throws OperatorError. */
export function openConfigured(
  config: Config,
  keyring: Keyring,
  tracer: Tracer | null = null,
): Promise<Storage> {
  const { databaseUrl, standbyUrl, acceptOlderData: acceptOlder, leaseMs } = config;
  const options = { acceptOlder, leaseMs, standbyUrl, tracer };
  return openStorage(databaseUrl, keyring, systemClock, readCatalogue(config), options);
}

/** Runs the work on the storage while the service is stopped. Throws OperatorError; DatabaseInUse if the service runs. */
export async function withStorage<T>(
  config: Config,
  work: (storage: Storage, keyring: Keyring) => Promise<T>,
): Promise<T> {
  const keyring = Keyring.of(readPeppers(config.pepperFile));
  const storage = await openConfigured(config, keyring);
  try {
    return await work(storage, keyring);
  } finally {
    await storage.close();
  }
}

/** Has a workspace been made in the storage? */
export async function isFounded({ workspaces }: Storage): Promise<boolean> {
  return (await workspaces.first()) !== null;
}

import { randomBytes } from 'node:crypto';
import type { Config } from './config/config.ts';
import { type Peppers, readPeppers, rewritePeppers } from './config/pepper-file.ts';
import { systemClock } from './domain/shared/clock.ts';
import { Keyring, PEPPER_BYTES } from './domain/shared/keyring.ts';
import { OperatorError } from './domain/shared/operator-error.ts';
import { askHost } from './host/host-client.ts';
import { hostSocketPath } from './host/socket-file.ts';
import { withStorage } from './local-storage.ts';
import type { PeerTable } from './storage/engines/engine.ts';
import { engineFor } from './storage/engines/registry.ts';
import { openMigrated } from './storage/open-storage.ts';
import { bindNewest, requireOwnPepper } from './storage/pepper/pepper-binding.ts';
import type { PepperState } from './storage/pepper/reseal.ts';

export type { PepperState };

export interface AddedPepper {
  readonly file: string;
  /** The id of the new pepper. */
  readonly added: string;
  /** May several instances use the database? Then all need the file before the pepper is activated. */
  readonly isShared: boolean;
}

/**
 * Adds a new pepper to the pepper file, in front of the present one. It is used from `activatePepper` on. Throws OperatorError
 * and changes nothing if the file has an older pepper already.
 */
export function addPepper({ pepperFile, databaseUrl }: Config): AddedPepper {
  const peppers = readPeppers(pepperFile);
  if (peppers.length > 1)
    throw new OperatorError(
      `${pepperFile} has two peppers already: finish this rotation first, with \`latchkey pepper remove\`. Nothing was changed`,
    );
  const all: Peppers = [randomBytes(PEPPER_BYTES), ...peppers];
  rewritePeppers(pepperFile, all);
  const [added = ''] = Keyring.of(all).pepperIds;
  return { file: pepperFile, added, isShared: engineFor(databaseUrl).fileOf(databaseUrl) === null };
}

/**
 * Makes the newest pepper of the file the current one of the database, and returns its id. Running instances use it within
 * seconds. Throws OperatorError and changes nothing if a live instance was started without it, unless `force`: that instance
 * answers UNAVAILABLE until it is started with it. DatabaseInUse if a service is running over a database file: its next start
 * does the same.
 */
export async function activatePepper(
  config: Config,
  { force = false }: { readonly force?: boolean } = {},
): Promise<{ readonly current: string }> {
  const keyring = Keyring.of(readPeppers(config.pepperFile));
  const { database } = await openMigrated(config.databaseUrl, keyring);
  try {
    await requireOwnPepper(database.db, keyring);
    if (!force) await requireOnEveryInstance(database.peers, keyring, config.pepperFile);
    const isChanged = await bindNewest(database, keyring, systemClock.now());
    if (isChanged) return { current: keyring.pepperId };
    throw new OperatorError(
      `the database uses the newest pepper of ${config.pepperFile} already (${keyring.pepperId}). Add one with \`latchkey pepper add\``,
    );
  } finally {
    await database.close();
  }
}

async function requireOnEveryInstance(
  peers: PeerTable | null,
  { pepperIds: [newest = ''] }: Keyring,
  pepperFile: string,
): Promise<void> {
  const without = ((await peers?.live()) ?? []).filter(({ pepperIds }) => !pepperIds.includes(newest));
  if (without.length === 0) return;
  const names = without.map(({ id, host, pid }) => `${id} (${host}, process ${pid})`).join(', ');
  throw new OperatorError(
    `these instances were started without the new pepper ${newest}: ${names}. Copy ${pepperFile} to them and restart them, or wait until an instance that was killed is no longer listed by \`latchkey system\`; then repeat this. With --force, they answer 503 until they have it. Nothing was changed`,
  );
}

/** The progress of a rotation, from the running service, else from its database. Throws OperatorError. */
export async function pepperState(config: Config): Promise<PepperState> {
  const running = await askHost<PepperState>(hostSocketPath(config.dataDir), 'pepper', {});
  return running ?? withStorage(config, (storage) => storage.pepperState(systemClock.now()));
}

/**
 * Removes the older peppers from the pepper file. Throws OperatorError and changes nothing if the newest is not the current
 * one, or if something still needs an older one, unless `force`: then that is denied from the next start on.
 */
export async function removePeppers(
  config: Config,
  { force = false }: { readonly force?: boolean },
): Promise<PepperState> {
  const [newest, ...older] = readPeppers(config.pepperFile);
  if (older.length === 0) throw new OperatorError(`${config.pepperFile} has one pepper only`);
  const state = await pepperState(config);
  const [newestId] = Keyring.of([newest]).pepperIds;
  if (state.current !== newestId)
    throw new OperatorError(
      'the newest pepper is not in use yet: run `latchkey pepper activate` first. Nothing was changed',
    );
  if (!force && state.keys + state.rows + state.tokens > 0)
    throw new OperatorError(
      `the older pepper is still needed: ${describeLeft(state)}. Wait, or add --force: these are denied then. Nothing was changed`,
    );
  rewritePeppers(config.pepperFile, [newest]);
  return state;
}

/** What still needs an older pepper, for people. */
export function describeLeft({ keys, rows, tokens }: PepperState): string {
  return [
    `${keys} keys that were not used since`,
    `${tokens} sessions, sign-in links and invitations from before`,
    `${rows} rows that are not sealed again yet`,
  ].join(', ');
}

import { backupFindings } from './compose-backup.ts';
import type { Config } from './config/config.ts';
import { readPepper } from './config/pepper-file.ts';
import type { OrphanedPermission } from './domain/tenancy/permission-store.ts';
import { isFounded, readCatalogue, withStorage } from './local-storage.ts';
import { DatabaseInUse } from './storage/engines/engine.ts';
import type { Storage } from './storage/storage.ts';

export interface Finding {
  readonly check: string;
  readonly status: 'ok' | 'warning' | 'failed';
  readonly message: string;
}

/** Checks everything that the service needs on this machine, without starting it. */
export async function diagnose(config: Config): Promise<Finding[]> {
  const others = [...config.unknownSettings.map(unknownFinding), ...backupFindings(config)];
  const pepper = await examine('pepper', () => {
    readPepper(config.pepperFile);
    return `${config.pepperFile} is readable by its owner only`;
  });
  if (pepper.status === 'failed') return [...others, pepper];
  const catalogue = await examine('permissions', () => describeCatalogue(config));
  if (catalogue.status === 'failed') return [...others, pepper, catalogue];
  const database = await examine('database', () => withStorage(config, describeDatabase));
  if (database.status !== 'ok') return [...others, pepper, catalogue, database];
  const lost = await withStorage(config, ({ permissions }) => permissions.lost());
  return [...others, pepper, lost.length === 0 ? catalogue : cautionFor(lost, config), database];
}

function unknownFinding({ name, nearest }: Config['unknownSettings'][number]): Finding {
  const advice = nearest === null ? 'Remove it' : `Is ${nearest} meant?`;
  const message = `${name} is not a setting and has no effect. ${advice}`;
  return { check: 'settings', status: 'warning', message };
}

async function examine(check: string, work: () => string | Promise<string>): Promise<Finding> {
  try {
    return { check, status: 'ok', message: await work() };
  } catch (error) {
    const status = error instanceof DatabaseInUse ? 'warning' : 'failed';
    return { check, status, message: (error as Error).message };
  }
}

function describeCatalogue(config: Config): string {
  const { permissions } = readCatalogue(config);
  return `${permissions.length}, from ${config.permissionsFile ?? 'the built-in list'}`;
}

/** A warning about permissions that the next start would retire permanently. */
function cautionFor(lost: readonly OrphanedPermission[], { permissionsFile }: Config): Finding {
  const list = lost.map(
    ({ permission, keys, roles }) => `${permission} (keys: ${keys}, own roles: ${roles})`,
  );
  const message =
    permissionsFile === null
      ? `in use and not built in: ${list.join(', ')}. Set LATCHKEY_PERMISSIONS_FILE to the file that has them`
      : `in use and not in ${permissionsFile}: ${list.join(', ')}. The next start retires them permanently`;
  return { check: 'permissions', status: 'warning', message };
}

async function describeDatabase(storage: Storage): Promise<string> {
  const damage = await storage.findDamage();
  if (damage.length > 0) throw new Error(`the database is damaged: ${damage.join('; ')}. Restore a backup`);
  return (await isFounded(storage)) ? 'sound, and in use by a workspace' : 'sound, and not initialised yet';
}

import { backupFindings } from './compose-backup.ts';
import { describeLeft, pepperState } from './compose-pepper.ts';
import type { Config } from './config/config.ts';
import { readPeppers } from './config/pepper-file.ts';
import { checkCounterStore } from './counters/open-counter-store.ts';
import { OperatorError } from './domain/shared/operator-error.ts';
import type { OrphanedPermission } from './domain/tenancy/permission-store.ts';
import { isFounded, readCatalogue, withStorage } from './local-storage.ts';
import { DatabaseInUse, LATE_MS_MAX, type Standby } from './storage/engines/engine.ts';
import { requireKnownSchema, schemaStateOf } from './storage/migrations/migrate.ts';
import type { Storage } from './storage/storage.ts';

export interface Finding {
  readonly check: string;
  readonly status: 'ok' | 'warning' | 'failed';
  readonly message: string;
}

/** Checks everything that the service needs on this machine, without starting it. */
export async function diagnose(config: Config): Promise<Finding[]> {
  const others = [
    ...config.unknownSettings.map(unknownFinding),
    ...backupFindings(config),
    ...(await counterFindings(config)),
  ];
  const pepper = await examine('pepper', () => describePepper(config));
  if (pepper.status === 'failed') return [...others, pepper];
  const catalogue = await examine('permissions', () => describeCatalogue(config));
  if (catalogue.status === 'failed') return [...others, pepper, catalogue];
  const database = await examine('database', () => withStorage(config, describeDatabase));
  if (database.status !== 'ok') return [...others, pepper, catalogue, database];
  return withStorage(config, async (storage) => {
    const lost = await storage.permissions.lost();
    const found = lost.length === 0 ? catalogue : cautionFor(lost, config);
    return [...others, pepper, found, database, ...(await standbyFindings(storage))];
  });
}

/** While the pepper is rotated, also its progress. */
async function describePepper(config: Config): Promise<string> {
  const { length } = readPeppers(config.pepperFile);
  const readable = `${config.pepperFile} is readable by its owner only`;
  if (length === 1) return readable;
  const state = await pepperState(config);
  return `${readable}. It has ${length} peppers; the older ones are needed by ${describeLeft(state)}`;
}

function unknownFinding({ name, nearest }: Config['unknownSettings'][number]): Finding {
  const advice = nearest === null ? 'Remove it' : `Is ${nearest} meant?`;
  const message = `${name} is not a setting and has no effect. ${advice}`;
  return { check: 'settings', status: 'warning', message };
}

/** None if calls per minute are counted in the process. Without the counter store, a service runs with less exact limits. */
async function counterFindings({ countersUrl, limitsWhenDown }: Config): Promise<Finding[]> {
  if (countersUrl === null) return [];
  const found = await examine('limits', () => checkCounterStore(countersUrl));
  if (found.status === 'ok')
    return [{ ...found, message: `calls per minute are counted in ${found.message}` }];
  const message = `${found.message}. Until it answers, LATCHKEY_LIMITS_WHEN_DOWN=${limitsWhenDown} decides`;
  return [{ ...found, status: 'warning', message }];
}

/** Empty without a standby. Problems are warnings, since the primary answers lists then. */
async function standbyFindings({ standby }: Storage): Promise<Finding[]> {
  if (!standby) return [];
  const found = await examine('standby', () => describeStandby(standby));
  return [{ ...found, status: found.status === 'ok' ? 'ok' : 'warning' }];
}

async function describeStandby(standby: Standby): Promise<string> {
  const { server, lateMs, lastChangeAt } = await standby.check();
  await requireKnownSchema(standby.db);
  const { pending } = await schemaStateOf(standby.db);
  if (lateMs !== null && pending.length === 0)
    return `${server} is a standby, ${lateMs} ms late, with the schema of this version`;
  const last = lastChangeAt ? `. Its last change is of ${lastChangeAt.toISOString()}` : '';
  const late = `lacks changes of ${LATE_MS_MAX / 1_000} seconds ago, and so do lists and exports${last}`;
  const older = `lacks the migrations ${pending.join(', ')}. The primary answers lists that need them`;
  const problems = [...(lateMs === null ? [late] : []), ...(pending.length > 0 ? [older] : [])];
  throw new OperatorError(`${server} is a standby that ${problems.join('. It ')}`);
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

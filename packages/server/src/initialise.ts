import { existsSync } from 'node:fs';
import type { Config } from './config/config.ts';
import { ensurePepper } from './config/pepper-file.ts';
import { readSecretFile, requirePrivate } from './config/secret-file.ts';
import {
  type BootstrapInput,
  type Bootstrapped,
  bootstrapService,
} from './domain/bootstrap/bootstrap-service.ts';
import { parseGivenKey } from './domain/bootstrap/given-key.ts';
import { systemClock } from './domain/shared/clock.ts';
import { OperatorError } from './domain/shared/operator-error.ts';
import { generateKeyText } from './domain/shared/tokens.ts';
import { FIRST_LABELS } from './domain/workspaces/open-workspace.ts';
import { isFounded, withStorage } from './local-storage.ts';
import { engineFor } from './storage/engines/registry.ts';

/**
 * Creates the data folder, the pepper, the database, and in it the first workspace, its owner and the owner's key. Throws
 * CONFLICT if the service is initialised already, and OperatorError if a database exists but its pepper is missing; neither
 * changes anything.
 */
export async function initialise(config: Config, founding: BootstrapInput): Promise<Bootstrapped> {
  const given = bootstrapKey(config);
  if (!(await hasPepper(config))) ensurePepper(config.pepperFile);
  return withStorage(config, (storage, keyring) =>
    bootstrapService(
      { unitOfWork: storage, keyring, clock: systemClock, catalogue: storage.catalogue },
      { ...founding, ...given },
    ),
  );
}

/** The owner's key from the operator's file. Throws OperatorError, before anything is written, if the key is not valid. */
function bootstrapKey({ bootstrapKeyFile }: Config): Pick<BootstrapInput, 'keyText'> {
  if (bootstrapKeyFile === null) return {};
  const setting = 'LATCHKEY_BOOTSTRAP_KEY_FILE';
  const text = readSecretFile(setting, bootstrapKeyFile);
  requirePrivate(`${setting}:`, bootstrapKeyFile);
  return { keyText: parseGivenKey(text, `${setting}: ${bootstrapKeyFile}`) };
}

/** Has `initialise` run? Creates no files. Throws OperatorError if a database exists but its pepper is missing. */
export async function isInitialised(config: Config): Promise<boolean> {
  return (await hasPepper(config)) && withStorage(config, isFounded);
}

/** Does the pepper file exist? Throws OperatorError if it does not, but the database exists. */
export async function hasPepper({ pepperFile, databaseUrl }: Config): Promise<boolean> {
  if (existsSync(pepperFile)) return true;
  if (!(await engineFor(databaseUrl).exists(databaseUrl))) return false;
  throw new OperatorError(
    `the pepper file ${pepperFile} is missing, but its database exists, and none of its keys can be verified without the pepper. Restore the pepper from your backup, or set LATCHKEY_PEPPER_FILE to where it is. Nothing was changed`,
  );
}

/** A new random key text for LATCHKEY_BOOTSTRAP_KEY_FILE. It is not stored. */
export function generateBootstrapKey(): string {
  return generateKeyText(FIRST_LABELS.keyPrefix, FIRST_LABELS.keyEnvironment);
}

import { BUILT_IN_CATALOGUE } from '@latchkey/contract';
import { readPeppers } from '../../../src/config/pepper-file.ts';
import { systemClock } from '../../../src/domain/shared/clock.ts';
import { Keyring } from '../../../src/domain/shared/keyring.ts';
import { openStorage } from '../../../src/storage/open-storage.ts';
import type { Acknowledged } from './changing-keys.ts';

export interface CopyFindings {
  /** Keys that were acknowledged and that it does not have, or has revoked without having been asked to. */
  readonly lost: number;
  /** Keys whose revocation was acknowledged, and that are alive in it. */
  readonly alive: number;
}

/** Opens a copy as a service does, and holds it against what was acknowledged before the copy was begun. */
export async function findingsOf(
  databaseUrl: string,
  pepperFile: string,
  { created, revoked }: Acknowledged,
  mayBeRevoked: (id: string) => boolean,
): Promise<CopyFindings> {
  const keyring = Keyring.of(readPeppers(pepperFile));
  const storage = await openStorage(databaseUrl, keyring, systemClock, BUILT_IN_CATALOGUE, {
    acceptOlder: true,
  });
  let [lost, alive] = [0, 0];
  try {
    for (const [id, text] of created) {
      const stored = await storage.credentials.keys.findByDigest(keyring.digest(text));
      const isRevoked = stored !== null && stored.key.revokedAt !== null;
      if (!stored || (isRevoked && !mayBeRevoked(id))) lost++;
      if (stored && !isRevoked && revoked.has(id)) alive++;
    }
  } finally {
    await storage.close();
  }
  return { lost, alive };
}

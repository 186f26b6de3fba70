import { type ApiKeyBody, BULK_ITEMS_MAX } from '@latchkey/contract';
import { latchkey } from '../../data/client.ts';

/** A key that could not be changed. */
export interface Failed {
  readonly id: string;
  /** For people. */
  readonly message: string;
}

/** Disables or revokes the keys in as many calls as it takes. Resolves with the keys that could not be changed. */
export async function changeMany(
  verb: 'disable' | 'revoke',
  keys: readonly ApiKeyBody[],
): Promise<readonly Failed[]> {
  const failed: Failed[] = [];
  for (let first = 0; first < keys.length; first += BULK_ITEMS_MAX) {
    const ids = keys.slice(first, first + BULK_ITEMS_MAX).map(({ id }) => id);
    const { errors } =
      verb === 'revoke'
        ? await latchkey.keys.revokeMany(ids)
        : await latchkey.keys.updateMany(ids.map((id) => ({ id, isActive: false })));
    failed.push(...errors.map(({ id, error }) => ({ id, message: error })));
  }
  return failed;
}

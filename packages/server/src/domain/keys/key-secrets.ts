import { changeAuthorized } from '../access/authorized-change.ts';
import { endDescendants } from '../access/end-descendants.ts';
import { type Caller, requirePermission } from '../shared/caller.ts';
import type { Clock } from '../shared/clock.ts';
import type { Credential } from '../shared/descent.ts';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import { BUCKET_MS, bucketStart, lastMinutes } from '../usage/bucket.ts';
import type { UsageStore } from '../usage/usage-store.ts';
import type { Key } from './key.ts';
import type { KeySecret, KeyStore, KeyStores } from './key-store.ts';
import { recordKeyChange } from './record-key-change.ts';
import { visibleKey } from './visible-key.ts';

/** A secret that works, with its part of the allowed verdicts of its key. */
export interface SharingSecret extends KeySecret {
  /** From 0 to 1; null: the key had no allowed verdict in the last hour and since the minute after the rotation. */
  readonly share: number | null;
}

export interface SecretNeeds {
  readonly keys: KeyStore;
  readonly usage: UsageStore;
  readonly clock: Clock;
}

/** The secrets of a key that work, the present one first; none if the key is revoked. NOT_FOUND. */
export async function listSecrets(
  { keys, usage, clock }: SecretNeeds,
  caller: Caller,
  keyId: string,
): Promise<SharingSecret[]> {
  requirePermission(caller, 'api-keys:read');
  const now = clock.now();
  const { id, workspaceId, revokedAt } = await visibleKey(keys, caller, keyId);
  const secrets = revokedAt === null ? await keys.secrets(workspaceId, id, now) : [];
  const [present] = secrets;
  if (!present) return [];
  const hour = lastMinutes(now, 60);
  // Verdicts of the minute of the rotation are counted together, whether they were before or after it.
  const sinceRotation = bucketStart(present.createdAt, 'minute') + BUCKET_MS.minute;
  const from = secrets.length > 1 ? Math.max(hour.from, sinceRotation) : hour.from;
  const [counts, old] = await Promise.all([
    usage.countByKey(workspaceId, [id], { ...hour, from }),
    usage.countOldSecret(workspaceId, id, from),
  ]);
  const allowed = counts.find(({ code }) => code === 'VALID')?.count ?? 0;
  return secrets.map((secret) => {
    const uses = secret.endsAt === null ? allowed - old : old;
    return { ...secret, share: allowed === 0 ? null : Math.min(1, Math.max(0, uses / allowed)) };
  });
}

export interface EndedSecret {
  readonly key: Key;
  /** From this instant, no instance accepts the old secret. */
  readonly effectiveBy: number;
  readonly ended: readonly Credential[];
}

/**
 * Ends the secret that the last rotation replaced, with the sessions, sign-in links and open invitations that it made. The
 * keys that it made stay, as after the end of its overlap. Changes nothing if no old secret works. NOT_FOUND.
 */
export async function endOldSecret(
  needs: { readonly unitOfWork: UnitOfWork<KeyStores>; readonly clock: Clock },
  caller: Caller,
  keyId: string,
): Promise<EndedSecret> {
  return changeAuthorized(needs, caller, ['api-keys:write'], async (stores, caller, now) => {
    const key = await visibleKey(stores.keys, caller, keyId);
    const roots = await stores.keys.endOldSecret(key.workspaceId, key.id, now);
    if (roots.length === 0) return { key, effectiveBy: now, ended: [] };
    const { ended } = await endDescendants(stores, caller, { roots, cascade: false, reason: null }, now);
    const after = { ...key, version: key.version + 1 };
    const change = { eventType: 'api-key.old-secret-ended', before: key, after, ended } as const;
    await recordKeyChange(stores.audit, caller, change, now);
    return { key: after, effectiveBy: now, ended };
  });
}

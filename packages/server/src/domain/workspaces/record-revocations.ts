import type { AuditStore } from '../audit/audit-store.ts';
import { recordChange } from '../audit/record-change.ts';
import type { Caller } from '../shared/caller.ts';
import type { RevokedOwnedKey } from '../tenancy/member-credentials.ts';

/** Writes an audit entry for each key that was revoked by a change of another object. */
export async function recordRevocations(
  audit: AuditStore,
  caller: Caller,
  { keys, reason }: { readonly keys: readonly RevokedOwnedKey[]; readonly reason: string | null },
  now: number,
): Promise<void> {
  const revokedAt = new Date(now).toISOString();
  for (const { id, version } of keys) {
    const target = { kind: 'api-key', id } as const;
    const after = { revokedReason: reason, revokedAt, version };
    await recordChange(audit, caller, { eventType: 'api-key.revoked', target, before: null, after }, now);
  }
}

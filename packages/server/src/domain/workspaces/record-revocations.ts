import type { AuditStore } from '../audit/audit-store.ts';
import { recordChange } from '../audit/record-change.ts';
import type { Caller } from '../shared/caller.ts';

/** Writes an entry for each key that a change of people has revoked. */
export async function recordRevocations(
  audit: AuditStore,
  caller: Caller,
  { keyIds, reason }: { readonly keyIds: readonly string[]; readonly reason: string | null },
  now: number,
): Promise<void> {
  const after = { revokedReason: reason, revokedAt: new Date(now).toISOString() };
  for (const id of keyIds) {
    const target = { kind: 'api-key', id } as const;
    await recordChange(audit, caller, { eventType: 'api-key.revoked', target, before: null, after }, now);
  }
}

import type { AuditEventType } from '@latchkey/contract';
import type { AuditStore } from '../audit/audit-store.ts';
import type { Facts } from '../audit/entry.ts';
import { recordChange } from '../audit/record-change.ts';
import type { Caller } from '../shared/caller.ts';
import type { Credential } from '../shared/descent.ts';
import type { Key } from './key.ts';

export interface KeyChange {
  readonly eventType: Extract<AuditEventType, `api-key.${string}`>;
  /** Null: the key is new. */
  readonly before: Key | null;
  readonly after: Key;
  /** The other credentials that the change ended. */
  readonly ended?: readonly Credential[];
}

/** `recordChange` for a key. */
export function recordKeyChange(
  audit: AuditStore,
  caller: Caller,
  { eventType, before, after, ended = [] }: KeyChange,
  now: number,
): Promise<void> {
  const target = { kind: 'api-key', id: after.id } as const;
  return recordChange(
    audit,
    caller,
    {
      ...{ eventType, target, before: before && factsOf(before) },
      after: { ...factsOf(after), ...(ended.length > 0 && { ended }) },
    },
    now,
  );
}

/** The fields of a key in the audit log: those of the answers, except those that only usage changes. */
function factsOf(key: Key): Facts {
  const { name, owner, hint, isActive, use, permissions, rateLimit, revokedReason, version } = key;
  return {
    ...{ name, ownerId: owner.id, hint, isActive, use, permissions, rateLimit, revokedReason, version },
    expiresAt: instant(key.expiresAt),
    revokedAt: instant(key.revokedAt),
  };
}

function instant(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

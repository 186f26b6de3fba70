import { NO_CLIENT } from '../shared/caller.ts';
import type { Clock } from '../shared/clock.ts';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import type { AuditStore, AuditStores } from './audit-store.ts';
import type { Anchor } from './chain.ts';
import { type AuditDraft, denialOf } from './entry.ts';
import { appendEntry } from './record-change.ts';

const DAY_MS = 86_400_000;

export interface TrimNeeds {
  readonly unitOfWork: UnitOfWork<AuditStores>;
  /** For reading outside a transaction. */
  readonly audit: AuditStore;
  readonly clock: Clock;
}

/**
 * Removes the entries that are older than `keptDays` whole UTC days, the oldest first and without gaps. An entry at the
 * end of each chain records the checkpoint, which the check of an export requires: without it, an attacker could remove the
 * beginning of a chain and call it retention.
 */
export async function trimLog({ unitOfWork, audit, clock }: TrimNeeds, keptDays: number): Promise<void> {
  const now = clock.now();
  const before = now - (now % DAY_MS) - keptDays * DAY_MS;
  for (const workspaceId of await audit.workspacesBefore(before)) {
    await unitOfWork.transact(async (stores) => {
      const checkpoint = await stores.audit.trim(workspaceId, before);
      if (checkpoint) await appendEntry(stores.audit, trimmed(checkpoint, now));
    });
  }
}

function trimmed({ workspaceId, sequence, hash }: Anchor, createdAt: number): AuditDraft {
  return {
    ...NO_CLIENT,
    workspaceId,
    eventType: 'audit.trimmed',
    actorId: null,
    credential: { kind: 'operator', keyId: null },
    target: { kind: 'audit-log', id: workspaceId },
    before: null,
    after: { sequence, hash },
    ...denialOf(null),
    createdAt,
  };
}

import { newId } from '../shared/id.ts';
import type { AuditStore } from './audit-store.ts';
import { nextEntry } from './chain.ts';
import type { AuditDraft, AuditEntry } from './entry.ts';

/**
 * Adds an entry to the end of the chain of its workspace. Part of a transaction, in which entries must be added one after
 * the other. A search finds the entry by `names` too.
 */
export async function appendEntry(
  audit: AuditStore,
  draft: AuditDraft,
  names: readonly string[] = [],
): Promise<AuditEntry> {
  // The head first, since reading it can lock the chain.
  const head = await audit.head(draft.workspaceId);
  const actorEmail = await addressOfActor(audit, draft);
  const entry = nextEntry(head, { ...draft, id: newId('log'), actorEmail });
  await audit.append(entry, names);
  return entry;
}

async function addressOfActor(
  audit: AuditStore,
  { actorId, actorEmail }: AuditDraft,
): Promise<string | null> {
  if (actorId === null) return null;
  return actorEmail ?? audit.addressOf(actorId);
}

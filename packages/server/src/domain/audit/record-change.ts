import type { AuditEventType } from '@latchkey/contract';
import type { Caller } from '../shared/caller.ts';
import { newId } from '../shared/id.ts';
import { canonicalJson } from '../shared/text/canonical-json.ts';
import type { AuditStore } from './audit-store.ts';
import { nextEntry } from './chain.ts';
import {
  type AuditDraft,
  type AuditEntry,
  type AuditTarget,
  actorOf,
  denialOf,
  type Facts,
} from './entry.ts';

export interface Change {
  readonly eventType: AuditEventType;
  readonly target: AuditTarget;
  /** The whole object; null: it was created. */
  readonly before: Facts | null;
  /** The whole object; null: it was deleted. */
  readonly after: Facts | null;
}

/**
 * Writes a change into the audit log. Each operation that changes data calls it with the store of its transaction. For an
 * object that existed before and after, only the fields that differ are stored.
 */
export async function recordChange(
  audit: AuditStore,
  caller: Caller,
  { eventType, target, before, after }: Change,
  now: number,
): Promise<void> {
  const draft = {
    ...actorOf(caller),
    eventType,
    target,
    before: before && after ? differing(before, after) : before,
    after: before && after ? differing(after, before) : after,
    ...denialOf(null),
    createdAt: now,
  };
  await appendEntry(audit, draft, [...new Set([...namesIn(before), ...namesIn(after)])]);
}

/** The names and addresses in the facts of an object. */
function namesIn(facts: Facts | null): string[] {
  const { name, displayName, email, roleName } = facts ?? {};
  return [name, displayName, email, roleName].filter((value) => typeof value === 'string');
}

/** The fields of `facts` whose values differ from those in `others`. */
function differing(facts: Facts, others: Facts): Facts {
  return Object.fromEntries(
    Object.entries(facts).filter(([name, value]) => canonicalJson(value) !== canonicalJson(others[name])),
  );
}

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

import type { AuditEventType } from '@latchkey/contract';
import type { Caller } from '../shared/caller.ts';
import { canonicalJson } from '../shared/canonical-json.ts';
import { appendEntry } from './append-entry.ts';
import type { AuditStore } from './audit-store.ts';
import { type AuditTarget, actorOf, denialOf, type Facts } from './entry.ts';

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

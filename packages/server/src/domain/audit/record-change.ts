import type { AuditEventType } from '@latchkey/contract';
import type { Caller } from '../shared/caller.ts';
import { canonical } from '../shared/canonical.ts';
import type { AuditStore } from './audit-store.ts';
import { type AuditTarget, actorOf, type Facts } from './entry.ts';

export interface Change {
  readonly eventType: AuditEventType;
  readonly target: AuditTarget;
  /** The whole object; null: there was none. */
  readonly before: Facts | null;
  /** The whole object; null: there is none any more. */
  readonly after: Facts | null;
}

/**
 * Writes a change into the audit log. Every verb that changes something calls it with the store of its own transaction.
 * Of an object that was there and still is, only the fields that differ are kept.
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
    refusal: null,
    createdAt: now,
  };
  await audit.append(draft, [...new Set([...namesIn(before), ...namesIn(after)])]);
}

/** The names and addresses in the facts of an object. */
function namesIn(facts: Facts | null): string[] {
  const { name, displayName, email, roleName } = facts ?? {};
  return [name, displayName, email, roleName].filter((value) => typeof value === 'string');
}

/** The fields of `facts` that `others` does not have alike. */
function differing(facts: Facts, others: Facts): Facts {
  return Object.fromEntries(
    Object.entries(facts).filter(([name, value]) => canonical(value) !== canonical(others[name])),
  );
}

import { AUDIT_EVENTS, type LogEntryBody } from '@latchkey/contract';
import type { AuditEntry } from '../domain/audit/entry.ts';
import { presentInstant } from './present-instant.ts';

/** An entry of the audit log as lists show it. */
export function presentEntry(entry: AuditEntry): LogEntryBody {
  const { id, workspaceId, eventType, actorId, actorEmail, createdAt, ...metadata } = entry;
  return {
    id,
    workspaceId,
    eventType,
    // A row of a later version, or one that was edited, can have a type that is not in the table.
    eventDescription: AUDIT_EVENTS[eventType] ?? eventType,
    actorId,
    actorEmail,
    createdAt: presentInstant(createdAt),
    metadata,
  };
}

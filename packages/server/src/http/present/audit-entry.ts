import { AUDIT_EVENTS, type LogEntryBody } from '@latchkey/contract';
import type { AuditEntry } from '../../domain/audit/entry.ts';
import { presentInstant } from './key.ts';

/** An entry of the audit log for lists. */
export function presentEntry(entry: AuditEntry): LogEntryBody {
  const { id, workspaceId, eventType, actorId, actorEmail, createdAt, ...metadata } = entry;
  return {
    id,
    workspaceId,
    eventType,
    // A row from a later version, or an edited row, may have a type that is not in the table.
    eventDescription: AUDIT_EVENTS[eventType] ?? eventType,
    actorId,
    actorEmail,
    createdAt: presentInstant(createdAt),
    metadata,
  };
}

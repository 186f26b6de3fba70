import { AUDIT_EVENTS, exportLogs, type LogEntryBody, listLogs } from '@latchkey/contract';
import type { AuditEntry } from '../../domain/audit/entry.ts';
import { exportLog, listLog } from '../../domain/audit/list-log.ts';
import { type Route, route, streamRoute } from '../pipeline/route.ts';
import type { Services } from '../pipeline/services.ts';
import { presentInstant } from '../present/key.ts';
import { presentCountedPage } from '../present/page.ts';

export function auditRoutes(services: Services): Route[] {
  return [
    route(listLogs, async ({ caller, query, signal }) => {
      const page = await listLog(services.listing(signal), caller, query);
      const logs = page.items.map(presentEntry);
      const uniqueEventTypes = [...page.eventTypes];
      return {
        message: 'Audit log listed',
        result: { logs, pagination: presentCountedPage(page), uniqueEventTypes },
      };
    }),
    streamRoute(exportLogs, ({ caller, signal }) => exportLog(services.exporting(signal), caller)),
  ];
}

/** An entry of the audit log for lists. */
function presentEntry(entry: AuditEntry): LogEntryBody {
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

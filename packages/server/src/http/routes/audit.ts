import { exportLogs, listLogs } from '@latchkey/contract';
import { exportLog } from '../../domain/audit/export-log.ts';
import { listLog } from '../../domain/audit/list-log.ts';
import { presentEntry } from '../present-entry.ts';
import { type Route, route, streamRoute } from '../route.ts';
import type { Services } from '../services.ts';

export function auditRoutes(services: Services): Route[] {
  return [
    route(listLogs, async ({ caller, query, signal }) => {
      const { entries, total, limit, offset, eventTypes } = await listLog(
        services.reading(signal),
        caller,
        query,
      );
      const pagination = {
        total,
        limit,
        offset,
        hasNext: offset + entries.length < total,
        hasPrevious: offset > 0,
      };
      const logs = entries.map(presentEntry);
      return {
        message: 'Audit log listed',
        result: { logs, pagination, uniqueEventTypes: [...eventTypes] },
      };
    }),
    streamRoute(exportLogs, ({ caller, signal }) => exportLog(services.reading(signal), caller)),
  ];
}

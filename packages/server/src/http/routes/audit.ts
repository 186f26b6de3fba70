import { exportLogs, listLogs } from '@latchkey/contract';
import { exportLog, listLog } from '../../domain/audit/list-log.ts';
import { type Route, route, streamRoute } from '../pipeline/route.ts';
import type { Services } from '../pipeline/services.ts';
import { presentEntry } from '../present/audit-entry.ts';
import { presentCountedPage } from '../present/page.ts';

export function auditRoutes(services: Services): Route[] {
  return [
    route(listLogs, async ({ caller, query, signal }) => {
      const page = await listLog(services.reading(signal), caller, query);
      const logs = page.items.map(presentEntry);
      const uniqueEventTypes = [...page.eventTypes];
      return {
        message: 'Audit log listed',
        result: { logs, pagination: presentCountedPage(page), uniqueEventTypes },
      };
    }),
    streamRoute(exportLogs, ({ caller, signal }) => exportLog(services.reading(signal), caller)),
  ];
}

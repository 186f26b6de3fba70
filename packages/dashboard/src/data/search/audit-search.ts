import { AUDIT_EVENT_TYPES, type AuditEventType } from '@latchkey/contract';

/** The filters of the audit log, as they are in the URL. */
export interface AuditSearch {
  readonly event?: AuditEventType;
  readonly actor?: string;
  /** The id of what was changed. */
  readonly target?: string;
  /** The last days. */
  readonly days?: number;
  readonly search?: string;
}

const DAYS_MAX = 3_650;

/** Reads what is valid, and ignores the rest. */
export function auditSearch(given: Record<string, unknown>): AuditSearch {
  const found: Record<string, unknown> = {};
  for (const name of ['actor', 'target', 'search'])
    if (given[name]) found[name] = String(given[name]).slice(0, 100);
  if (AUDIT_EVENT_TYPES.some((type) => type === given.event)) found.event = given.event;
  const days = Number(given.days);
  if (Number.isInteger(days) && days > 0 && days <= DAYS_MAX) found.days = days;
  return found;
}

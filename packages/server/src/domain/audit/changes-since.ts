import type { AuditEventType } from '@latchkey/contract';

const REVOKED: AuditEventType = 'api-key.revoked';

/** What an export of the audit log says of the time after an entry. */
export interface ChangesSince {
  /** Entries after it. */
  readonly entries: number;
  /** The keys that were revoked after it. */
  readonly revokedKeys: readonly string[];
}

interface Line {
  readonly sequence?: number;
  readonly eventType?: string;
  readonly target?: { readonly kind: string; readonly id: string };
}

/** Of an export that was verified. */
export async function changesSince(lines: AsyncIterable<string>, sequence: number): Promise<ChangesSince> {
  let entries = 0;
  const revoked = new Set<string>();
  for await (const text of lines) {
    const line = JSON.parse(text) as Line;
    if (line.sequence === undefined || line.sequence <= sequence) continue;
    entries++;
    if (line.eventType === REVOKED && line.target) revoked.add(line.target.id);
  }
  return { entries, revokedKeys: [...revoked] };
}

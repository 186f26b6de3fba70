import { type Caller, requirePermission, requireSeesAllKeys } from '../shared/caller.ts';
import type { AuditStore } from './audit-store.ts';
import { type Anchor, genesisOf, lineOf, recordOf } from './chain.ts';

/**
 * The whole chain of the caller's workspace as lines without line ends: the checkpoint, if there is one, the entries, and
 * the anchor, which is the place of the last entry. No field can be masked, since the hashes cover all of them:
 * PERMISSION_DENIED unless the caller may see every key.
 */
export function exportLog({ audit }: { readonly audit: AuditStore }, caller: Caller): AsyncIterable<string> {
  requirePermission(caller, 'workspace:logs-read');
  requireSeesAllKeys(caller);
  return chainLines(audit, caller.workspaceId);
}

async function* chainLines(audit: AuditStore, workspaceId: string): AsyncGenerator<string, void, undefined> {
  const checkpoint = await audit.checkpoint(workspaceId);
  if (checkpoint) yield lineOf({ checkpoint });
  let anchor: Anchor = checkpoint ?? genesisOf(workspaceId);
  for await (const entry of audit.stream(workspaceId)) {
    yield lineOf(recordOf(entry));
    anchor = { workspaceId, sequence: entry.sequence, hash: entry.hash };
  }
  yield lineOf({ anchor });
}

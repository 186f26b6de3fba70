import { type Caller, seesAllKeys, seesKeysOf } from '../shared/caller.ts';
import type { KeyOwners } from './audit-store.ts';
import type { AuditEntry, Facts } from './entry.ts';

/** The fields of an entry about a key that only callers who may see the key may read. */
const MASKED_FIELDS = ['name', 'ownerId'];

/**
 * The entries as the caller may read them: for a key that the caller may not see, its name and the ids that connect it
 * with its owner are null. The actor is not masked. The stored entries and their hashes do not change.
 */
export async function maskEntries(
  keys: KeyOwners,
  caller: Caller,
  entries: readonly AuditEntry[],
): Promise<readonly AuditEntry[]> {
  if (seesAllKeys(caller)) return entries;
  const owners = await keys.ownersOf(caller.workspaceId, [...new Set(entries.flatMap(keyIdsIn))]);
  const isSeen = (keyId: string): boolean => {
    const owner = owners.get(keyId);
    return owner !== undefined && seesKeysOf(caller, owner);
  };
  return entries.map((entry) => maskEntry(entry, isSeen));
}

function keyIdsIn({ target, credential, before, after }: AuditEntry): string[] {
  const ids = [target.kind === 'api-key' ? target.id : null, credential.keyId, before?.keyId, after?.keyId];
  return ids.filter((id) => typeof id === 'string');
}

function maskEntry(entry: AuditEntry, isSeen: (keyId: string) => boolean): AuditEntry {
  const { target, credential, before, after } = entry;
  const fields = target.kind === 'api-key' && !isSeen(target.id) ? MASKED_FIELDS : [];
  const mask = (facts: Facts | null) => facts && maskKeyId(maskFields(facts, fields), isSeen);
  const keyId = credential.keyId !== null && isSeen(credential.keyId) ? credential.keyId : null;
  return { ...entry, credential: { ...credential, keyId }, before: mask(before), after: mask(after) };
}

function maskFields(facts: Facts, fields: readonly string[]): Facts {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name, fields.includes(name) ? null : value]),
  );
}

/** Masks the key by which a session or a sign-in link was made, which belongs to the user whom the entry names. */
function maskKeyId(facts: Facts, isSeen: (keyId: string) => boolean): Facts {
  const { keyId } = facts;
  return typeof keyId === 'string' && !isSeen(keyId) ? { ...facts, keyId: null } : facts;
}

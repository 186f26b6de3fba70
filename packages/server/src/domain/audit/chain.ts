import { createHash } from 'node:crypto';
import { canonicalJson } from '../shared/text/canonical-json.ts';
import type { AuditEntry } from './entry.ts';

/** A place in the chain of a workspace. A copy kept elsewhere proves whether an entry up to there was changed. */
export interface Anchor {
  readonly workspaceId: string;
  /** 0: before the first entry. */
  readonly sequence: number;
  /** SHA-256 in hexadecimal. */
  readonly hash: string;
}

/** The start of a workspace's chain. It differs between workspaces, so that entries cannot be moved to another one. */
export function genesisOf(workspaceId: string): Anchor {
  return { workspaceId, sequence: 0, hash: sha256(lineOf(['latchkey audit', workspaceId])) };
}

/** The entry that follows `head`: with the next sequence number, and a hash over itself and the previous hash. */
export function nextEntry(head: Anchor, content: Omit<AuditEntry, 'sequence' | 'hash'>): AuditEntry {
  const entry = { ...content, sequence: head.sequence + 1 };
  return { ...entry, hash: linkHash(head.hash, contentOf(entry)) };
}

/** The hash of an entry: SHA-256 over the hash before it and the entry's own text. */
export function linkHash(previousHash: string, content: object): string {
  return sha256(`${previousHash}\n${lineOf(content)}`);
}

/** An entry as it is exported. */
export function recordOf(entry: AuditEntry): object {
  return { ...contentOf(entry), hash: entry.hash };
}

/**
 * A value as the one line of canonical JSON that hashes cover: sorted members, no spaces. U+2028 and U+2029 are escaped,
 * since some readers treat them as the end of a line.
 */
export function lineOf(value: object): string {
  return canonicalJson(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}

/** The fields that the hash of an entry covers. They are listed, so that only stored fields are hashed. */
function contentOf(entry: Omit<AuditEntry, 'hash'>): object {
  const { id, workspaceId, sequence, eventType, actorId, actorEmail, credential } = entry;
  const { address, agent, requestId, target, before, after } = entry;
  const createdAt = new Date(entry.createdAt).toISOString();
  return {
    ...{ id, workspaceId, sequence, eventType, actorId, actorEmail, credential, createdAt },
    ...{ address, agent, requestId, target, before, after },
    refusal: entry.refusal,
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

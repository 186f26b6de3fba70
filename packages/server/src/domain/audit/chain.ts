import { createHash } from 'node:crypto';
import { canonical } from '../shared/canonical.ts';
import type { AuditEntry } from './entry.ts';

/** A place in the chain of a workspace. Whoever keeps one elsewhere finds out whether anything up to there was changed. */
export interface Anchor {
  readonly workspaceId: string;
  /** 0: before the first entry. */
  readonly sequence: number;
  /** SHA-256 in hexadecimal. */
  readonly hash: string;
}

/** Where the chain of a workspace begins. No two workspaces begin alike, so entries cannot move between them. */
export function genesisOf(workspaceId: string): Anchor {
  return { workspaceId, sequence: 0, hash: sha256(lineOf(['latchkey audit', workspaceId])) };
}

/** The entry with its hash, as the next one behind `previous`. */
export function chained(entry: Omit<AuditEntry, 'hash'>, previous: Anchor): AuditEntry {
  return { ...entry, hash: linkHash(previous.hash, contentOf(entry)) };
}

/** The hash of an entry: SHA-256 over the hash before it and the entry's own text. */
export function linkHash(previousHash: string, content: object): string {
  return sha256(`${previousHash}\n${lineOf(content)}`);
}

/** An entry as the export has it. */
export function recordOf(entry: AuditEntry): object {
  return { ...contentOf(entry), hash: entry.hash };
}

/**
 * A value as the one line of JSON that hashes cover: members in order, no spaces. Line separators are escaped, since some
 * readers take them for the end of a line.
 */
export function lineOf(value: object): string {
  return canonical(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}

/** All that the hash of an entry covers. Each field is named here, so that nothing is hashed that is not stored. */
function contentOf(entry: Omit<AuditEntry, 'hash'>): object {
  const { id, workspaceId, sequence, eventType, actorId, actorEmail, credential } = entry;
  const { address, agent, requestId, target, before, after, refusal } = entry;
  const createdAt = new Date(entry.createdAt).toISOString();
  return {
    ...{ id, workspaceId, sequence, eventType, actorId, actorEmail, credential, createdAt },
    ...{ address, agent, requestId, target, before, after, refusal },
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

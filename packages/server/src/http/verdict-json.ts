import type { Permission } from '@latchkey/contract';
import type { Key } from '../domain/keys/key.ts';
import { NO_QUOTA } from '../domain/verification/limits/quota-counters.ts';
import type { Verdict } from '../domain/verification/verifier.ts';
import { presentInstant } from './present-instant.ts';
import { presentVerdict } from './present-verdict.ts';

const NOT_ASCII = /[\u0080-\uffff]/g;
const LAST_USE = '"lastUsedAt":';
const QUOTA_END = 'null,"remainingToday":null,"retryAfterSeconds":null}}';

/** A good verdict on a key as JSON, but for what changes with each use: its last use, and what is left of its limits. */
interface WrittenVerdict {
  readonly beforeLastUse: string;
  readonly beforeQuota: string;
}

const written = new WeakMap<Key, WrittenVerdict>();

/**
 * What `presentVerdict` says, as JSON in ASCII. Of a good key it writes only what changes from one call to the next: to
 * write all of it takes longer than to judge the key.
 */
export function verdictJson(verdict: Verdict, now: number): string {
  const { code, key, holds, quota } = verdict;
  if (code !== 'VALID' || !key) return asciiJson(presentVerdict(verdict, now));
  const { beforeLastUse, beforeQuota } = writtenVerdict(key, holds, now);
  const lastUse = key.lastUsedAt === null ? 'null' : `"${presentInstant(key.lastUsedAt)}"`;
  const { minute, day, retryAfterSeconds } = quota;
  const left = `${minute?.remaining ?? null},"remainingToday":${day?.remaining ?? null}`;
  return `${beforeLastUse}${lastUse}${beforeQuota}${left},"retryAfterSeconds":${retryAfterSeconds}}}`;
}

/**
 * With one byte a character: the engine keeps two for each of a text in which one needs them, also once that one is
 * escaped, and of all that is put together with it, and such an answer takes far longer to send.
 */
function asciiJson(content: unknown): string {
  const text = JSON.stringify(content).replaceAll(NOT_ASCII, escaped);
  return Buffer.from(text, 'latin1').toString('latin1');
}

/**
 * Of a valid key. Cached by the key object: a key whose cap or status changes is unpacked into another object, and so is
 * written again.
 */
function writtenVerdict(key: Key, holds: readonly Permission[], now: number): WrittenVerdict {
  const known = written.get(key);
  if (known) return known;
  const unused: Verdict = {
    code: 'VALID',
    key: { ...key, lastUsedAt: null },
    holds,
    missing: [],
    quota: NO_QUOTA,
  };
  const text = asciiJson(presentVerdict(unused, now));
  const at = text.indexOf(`${LAST_USE}null`) + LAST_USE.length;
  const parts = {
    beforeLastUse: text.slice(0, at),
    beforeQuota: text.slice(at + 'null'.length, -QUOTA_END.length),
  };
  written.set(key, parts);
  return parts;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

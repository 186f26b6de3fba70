import type { Key } from '../domain/keys/key.ts';
import type { Verdict } from '../domain/verification/verifier.ts';
import { presentOptionalInstant } from './present-instant.ts';
import { presentKey } from './present-key.ts';
import { presentRateLimit, presentVerdict } from './present-verdict.ts';

const NOT_ASCII = /[\u0080-\uffff]/g;
const LAST_USE = '"lastUsedAt":';

/** A key as JSON, but for the instant of its last use, which stands between the two parts. */
interface WrittenKey {
  readonly before: string;
  readonly after: string;
}

const written = new WeakMap<Key, WrittenKey>();

/**
 * What `presentVerdict` says, as JSON in ASCII. Of a good key it writes only what changes from one call to the next: to
 * write all of it takes longer than to judge the key.
 */
export function verdictJson(verdict: Verdict, now: number): string {
  const { code, key, quota } = verdict;
  if (code !== 'VALID' || !key) return asciiJson(presentVerdict(verdict, now));
  const { before, after } = writtenKey(key, now);
  const lastUse = JSON.stringify(presentOptionalInstant(key.lastUsedAt));
  const rateLimit = JSON.stringify(presentRateLimit(key, quota));
  return `{"valid":true,"code":"VALID","apiKey":${before}${lastUse}${after},"rateLimit":${rateLimit}}`;
}

function asciiJson(content: unknown): string {
  return JSON.stringify(content).replaceAll(NOT_ASCII, escaped);
}

/** Of a key that is good: its status is `active` as long as that lasts. */
function writtenKey(key: Key, now: number): WrittenKey {
  const known = written.get(key);
  if (known) return known;
  const text = asciiJson(presentKey({ ...key, lastUsedAt: null }, now));
  const at = text.indexOf(`${LAST_USE}null`) + LAST_USE.length;
  const parts = { before: text.slice(0, at), after: text.slice(at + 'null'.length) };
  written.set(key, parts);
  return parts;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

import type { ApiKeyBody, deleteApiKey, EndedBody, ResultOf } from '@latchkey/contract';
import { type Latchkey, LatchkeyError } from '@latchkey/sdk';
import { printable } from '../../terminal/output.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { everyKey } from './every-key.ts';

/** The most keys that are listed by name; the rest are only counted. */
const NAMED_MAX = 20;

/** The confirmation question: names each key with its hint, and counts the keys that were created with them. */
export async function revokeQuestion(
  terminal: Terminal,
  latchkey: Latchkey,
  ids: readonly string[],
  cascade = false,
): Promise<string> {
  const named = await Promise.all(ids.slice(0, NAMED_MAX).map((id) => describeKey(latchkey, id)));
  const others = ids.length - named.length;
  const keys = [...named, ...(others > 0 ? [`${countOf(others, 'other key')}`] : [])].join(', ');
  const made = cascade ? await countMadeWith(terminal, latchkey, ids) : 0;
  const children = cascade
    ? ` and the ${countOf(made, 'key')} made with ${ids.length === 1 ? 'it' : 'them'}`
    : '';
  return `Revoke ${keys}${children} permanently?`;
}

/** One line per derived key that was revoked, and one line for all other credentials that ended. */
export async function endedLines(latchkey: Latchkey, ended: readonly EndedBody[]): Promise<string[]> {
  const ids = ended.filter(({ kind }) => kind === 'api-key').map(({ id }) => id);
  const named = await Promise.all(ids.slice(0, NAMED_MAX).map((id) => describeKey(latchkey, id)));
  const kinds = new Map<string, number>();
  for (const { kind } of ended.filter((each) => each.kind !== 'api-key'))
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  if (ids.length > named.length) kinds.set('other key', ids.length - named.length);
  const counts = Array.from(kinds, ([kind, count]) => countOf(count, kind.replaceAll('-', ' ')));
  return [
    ...named.map((key) => printable(`Also revoked: ${key}.`)),
    ...(counts.length === 0 ? [] : [printable(`Also ended: ${counts.join(', ')}.`)]),
  ];
}

/** Id, name and hint; only the id if the caller may not see the key. */
async function describeKey(latchkey: Latchkey, id: string): Promise<string> {
  try {
    const { name, key } = (await latchkey.keys.get(id)).apiKey;
    return `${id} ("${name}", ${key})`;
  } catch (error) {
    if (error instanceof LatchkeyError) return id;
    throw error;
  }
}

/** The number of active keys that derive from these keys, directly or through other keys. */
async function countMadeWith(
  terminal: Terminal,
  latchkey: Latchkey,
  ids: readonly string[],
): Promise<number> {
  // With revoked ones, because a key created with one of them can be active.
  const keys = await everyKey(terminal, latchkey, [{}, { status: 'revoked' }]);
  const madeWith = new Map<string, ApiKeyBody[]>();
  for (const key of keys) {
    const maker = key.createdBy.keyId;
    if (maker != null) madeWith.set(maker, [...(madeWith.get(maker) ?? []), key]);
  }
  const found = new Set<string>(ids);
  for (const id of found) for (const made of madeWith.get(id) ?? []) found.add(made.id);
  const asked = new Set(ids);
  return keys.filter(({ id, status }) => found.has(id) && !asked.has(id) && status !== 'revoked').length;
}

/** `1 key`, `3 keys`, `1,204 keys`. */
export function countOf(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

/** When each instance has confirmed; none without `--wait`. */
export function receiptLines({
  instances = [],
  effectiveBy,
}: Pick<ResultOf<typeof deleteApiKey>, 'instances' | 'effectiveBy'>): string[] {
  return instances.map(({ id, confirmedAt }) =>
    printable(
      confirmedAt === null
        ? `Not confirmed by ${id}: it may accept what was revoked until ${effectiveBy}.`
        : `In force on ${id} since ${confirmedAt}.`,
    ),
  );
}

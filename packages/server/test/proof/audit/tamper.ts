import { genesisOf, lineOf, linkHash } from '../../../src/domain/audit/chain.ts';
import type { Random } from '../../harness/random.ts';

type Json = Record<string, unknown>;

/** What an attacker with write access to the database or the file could do to an export. The last line is the anchor. */
export const TAMPERINGS = {
  'delete an entry': deleteEntry,
  'edit a field': editField,
  'add a field': addField,
  'write a field twice': repeatField,
  'edit a character': editCharacter,
  'swap two entries': swapEntries,
  'move an entry': moveEntry,
  'insert an entry': insertEntry,
  'duplicate an entry': duplicateEntry,
  'cut the tail': cutTail,
  'cut the tail and close the chain again': cutAndClose,
  'edit a field and recompute the chain': rewrite,
} as const satisfies Record<string, (lines: readonly string[], random: Random) => string[]>;

export type TamperingName = keyof typeof TAMPERINGS;

function deleteEntry(lines: readonly string[], random: Random): string[] {
  return lines.toSpliced(anEntry(lines, random), 1);
}

function editField(lines: readonly string[], random: Random): string[] {
  const index = anEntry(lines, random);
  const record = parse(lines[index]);
  const name = random.pick(Object.keys(record));
  return lines.with(index, write({ ...record, [name]: another(record[name], random) }));
}

function addField(lines: readonly string[], random: Random): string[] {
  const index = anEntry(lines, random);
  const name = random.pick(['aaa', 'name', 'zzz']);
  return lines.with(index, write({ ...parse(lines[index]), [name]: random.below(9) }));
}

/** Duplicate member names: some JSON parsers use the first value, others the last. */
function repeatField(lines: readonly string[], random: Random): string[] {
  const index = anEntry(lines, random);
  const name = random.pick(Object.keys(parse(lines[index])));
  return lines.with(index, (lines[index] ?? '').replace('{', `{"${name}":"forged",`));
}

function editCharacter(lines: readonly string[], random: Random): string[] {
  const index = random.below(lines.length);
  const line = lines[index] ?? '';
  const place = random.below(line.length);
  const character = random.pick([...'abc019 "{}\\'].filter((other) => other !== line[place]));
  return lines.with(index, line.slice(0, place) + character + line.slice(place + 1));
}

function swapEntries(lines: readonly string[], random: Random): string[] {
  const [one, other] = [anEntry(lines, random), anEntry(lines, random)];
  const second = one === other ? (one + 1) % (lines.length - 1) : other;
  return lines.with(one, lines[second] ?? '').with(second, lines[one] ?? '');
}

function moveEntry(lines: readonly string[], random: Random): string[] {
  const from = anEntry(lines, random);
  const step = 1 + random.below(lines.length - 2);
  const rest = lines.toSpliced(from, 1);
  return rest.toSpliced((from + step) % (lines.length - 1), 0, lines[from] ?? '');
}

function insertEntry(lines: readonly string[], random: Random): string[] {
  const index = anEntry(lines, random);
  const forged = { ...parse(lines[index]), actorId: 'usr_forged', id: 'log_forged' };
  const sequence = random.pick([index + 1, index + 2, lines.length, 0, 0.5]);
  return lines.toSpliced(index + random.below(2), 0, write({ ...forged, sequence }));
}

function duplicateEntry(lines: readonly string[], random: Random): string[] {
  return lines.toSpliced(random.below(lines.length + 1), 0, lines[anEntry(lines, random)] ?? '');
}

function cutTail(lines: readonly string[], random: Random): string[] {
  return lines.slice(0, random.below(lines.length));
}

/** The remaining entries are valid: only a reader who has the original anchor can detect it. */
function cutAndClose(lines: readonly string[], random: Random): string[] {
  const kept = lines.slice(0, 1 + random.below(lines.length - 2));
  const { workspaceId, sequence, hash } = parse(kept.at(-1));
  return [...kept, JSON.stringify({ anchor: { hash, sequence, workspaceId } })];
}

/** Recomputes every later hash. Again, only a reader who has the original anchor can detect it. */
function rewrite(lines: readonly string[], random: Random): string[] {
  const index = anEntry(lines, random);
  const { workspaceId } = parse(lines[0]);
  let { hash } = index > 0 ? parse(lines[index - 1]) : genesisOf(String(workspaceId));
  const forged = lines.slice(index, -1).map((line, offset) => {
    const { hash: _, ...content } = parse(line);
    if (offset === 0) content.actorId = 'usr_forged';
    hash = linkHash(String(hash), content);
    return write({ ...content, hash });
  });
  const anchor = { hash, sequence: lines.length - 1, workspaceId };
  return [...lines.slice(0, index), ...forged, JSON.stringify({ anchor })];
}

function anEntry(lines: readonly string[], random: Random): number {
  return random.below(lines.length - 1);
}

function parse(line: string | undefined): Json {
  return JSON.parse(line ?? '') as Json;
}

/** The line as the service would write it. */
function write(record: Json): string {
  return lineOf(record);
}

/** A value of the same kind, but never the same. */
function another(value: unknown, random: Random): unknown {
  if (typeof value === 'number') return value + 1 + random.below(5);
  if (typeof value === 'string') return `${value}${random.pick(['0', 'x', ' '])}`;
  if (value === null) return random.pick(['x', 0, {}]);
  const entries = Object.entries(value as Json);
  const name = random.pick([...entries.map(([member]) => member), 'new']);
  return { ...(value as Json), [name]: another((value as Json)[name] ?? null, random) };
}

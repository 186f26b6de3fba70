import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Anchor, genesisOf, lineOf, nextEntry, recordOf } from './chain.ts';
import { type KnownPlace, verifyChain } from './chain-check.ts';
import { type AuditEntry, denialOf } from './entry.ts';

const WORKSPACE = 'ws_1';

function entry(sequence: number, previous: Anchor, changes: Partial<AuditEntry> = {}): AuditEntry {
  const content = {
    id: `log_${sequence}`,
    workspaceId: WORKSPACE,
    eventType: 'api-key.updated',
    actorId: 'usr_1',
    actorEmail: 'owner@example.com',
    createdAt: sequence,
    credential: { kind: 'key', keyId: 'key_1' },
    address: null,
    agent: 'line\u2028separator',
    requestId: null,
    target: { kind: 'api-key', id: 'key_2' },
    before: null,
    after: { name: `${sequence}` },
    ...denialOf(null),
  } as const;
  return nextEntry({ ...previous, sequence: sequence - 1 }, { ...content, ...changes });
}

/** A chain of `length` entries after a place. */
function chainFrom(start: Anchor, length: number): AuditEntry[] {
  const entries: AuditEntry[] = [];
  let head = start;
  for (let sequence = start.sequence + 1; sequence <= start.sequence + length; sequence++) {
    const next = entry(sequence, head);
    entries.push(next);
    head = placeOf(next);
  }
  return entries;
}

function placeOf({ workspaceId, sequence, hash }: AuditEntry): Anchor {
  return { workspaceId, sequence, hash };
}

function linesOf(entries: readonly AuditEntry[]): string[] {
  const anchor = entries.map(placeOf).at(-1) ?? genesisOf(WORKSPACE);
  return [...entries.map((one) => lineOf(recordOf(one))), lineOf({ anchor })];
}

const chain = chainFrom(genesisOf(WORKSPACE), 6);
const lines = linesOf(chain);
const head = chain.map(placeOf).at(-1) as Anchor;

/** The lines, with `count` lines from `start` replaced by others. */
function spliced(start: number, count: number, ...others: string[]): string[] {
  const copy = [...lines];
  copy.splice(start, count, ...others);
  return copy;
}

describe('an export as it was written', () => {
  test('is intact, and the verdict has its start and its end', () => {
    expect(verifyChain(lines)).toEqual({ isIntact: true, from: genesisOf(WORKSPACE), head });
    for (const known of [genesisOf(WORKSPACE), ...chain])
      expect(verifyChain(lines, known).isIntact).toBe(true);
  });

  test('is intact without entries', () => {
    expect(verifyChain(linesOf([]))).toMatchObject({ isIntact: true, head: { sequence: 0 } });
  });

  test('has the hashes that docs/audit.md specifies', () => {
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
    let previous = sha256(`["latchkey audit","${WORKSPACE}"]`);
    for (const line of lines.slice(0, -1)) {
      const [member = '', hash] = /"hash":"(\w+)",/.exec(line) ?? [];
      previous = sha256(`${previous}\n${line.replace(member, '')}`);
      expect(hash).toBe(previous);
    }
  });

  test('has one line for each entry, for every kind of line end', () => {
    for (const line of lines) expect(line).not.toMatch(/[\n\r\u2028\u2029]/);
  });
});

describe('the verdict names the kind and the place of tampering', () => {
  const text = (index: number): string => lines[index] ?? '';
  const cases: [string, string[], number, string, KnownPlace?][] = [
    ['a changed field', spliced(2, 1, text(2).replace('"name":"3"', '"name":"4"')), 3, 'edited'],
    ['a new field', spliced(2, 1, text(2).replace('{"actor', '{"aaa":1,"actor')), 3, 'edited'],
    ['a changed hash', spliced(2, 1, text(2).replace(/"hash":"./, '"hash":"g')), 3, 'edited'],
    ['a repeated field', spliced(2, 1, text(2).replace('{', '{"actorId":"usr_2",')), 3, 'edited'],
    ['a space', spliced(2, 1, ` ${text(2)}`), 3, 'edited'],
    ['no JSON', spliced(0, 1, 'nothing'), 1, 'edited'],
    ['another workspace', spliced(0, 1, text(0).replaceAll(WORKSPACE, 'ws_2')), 1, 'edited'],
    ['an entry removed', spliced(2, 1), 3, 'missing'],
    ['the first entry removed', spliced(0, 1), 1, 'missing'],
    ['two entries swapped', spliced(2, 2, text(3), text(2)), 3, 'reordered'],
    ['an entry repeated', spliced(3, 0, text(2)), 4, 'inserted'],
    ['an entry inserted', spliced(2, 0, text(2).replace('usr_1', 'usr_2')), 3, 'inserted'],
    ['an entry after the anchor', [...lines, text(0)], 7, 'inserted'],
    [
      'a checkpoint inserted before the first entry',
      [lineOf({ checkpoint: genesisOf(WORKSPACE) }), ...lines],
      1,
      'inserted',
    ],
    ['the anchor cut off', lines.slice(0, -1), 7, 'cut'],
    ['the last entries cut off', spliced(4, 2), 5, 'cut'],
    ['the last entries and the anchor cut off', linesOf(chain.slice(0, 4)), 5, 'cut', head],
    ['all but the anchor', linesOf([]), 1, 'cut', head],
    ['a changed anchor', spliced(6, 1, text(6).replace(/"hash":"./, '"hash":"g')), 6, 'edited'],
    [
      'another chain of the same length',
      linesOf(chainFrom({ ...genesisOf(WORKSPACE), hash: 'x' }, 6)),
      1,
      'edited',
    ],
  ];

  test.each(cases)('%s', (_what, tampered, sequence, tampering, known) => {
    expect(verifyChain(tampered, known)).toEqual({ isIntact: false, sequence, tampering });
  });

  test('a chain rewritten from some entry on, checked against a known later place', () => {
    const kept = chain.slice(0, 3);
    const forged = [...kept, ...chainFrom({ ...placeOf(kept[2] as AuditEntry) }, 0)];
    const fourth = entry(4, placeOf(kept[2] as AuditEntry), { actorId: 'usr_2' });
    const rest = chainFrom(placeOf(fourth), 2);
    expect(verifyChain(linesOf([...forged, fourth, ...rest]), head)).toEqual({
      isIntact: false,
      sequence: 6,
      tampering: 'rewritten',
    });
  });
});

describe('a chain whose beginning was removed', () => {
  const checkpoint = placeOf(chain[2] as AuditEntry);
  const trimEntry = { eventType: 'audit.trimmed', after: { sequence: 3, hash: checkpoint.hash } } as const;
  const trimmed = entry(7, head, trimEntry);
  const rest = [...chain.slice(3), trimmed];

  function trimmedLines(place: Anchor, entries = rest): string[] {
    return [lineOf({ checkpoint: place }), ...linesOf(entries)];
  }

  test('is intact from the checkpoint on when an entry confirms the checkpoint', () => {
    expect(verifyChain(trimmedLines(checkpoint), placeOf(trimmed))).toEqual({
      isIntact: true,
      from: checkpoint,
      head: placeOf(trimmed),
    });
  });

  test('is not intact when no entry confirms the checkpoint', () => {
    const entries = chain.slice(3);
    expect(verifyChain(trimmedLines(checkpoint, entries))).toMatchObject({
      sequence: 3,
      tampering: 'missing',
    });
    const further = trimmedLines(placeOf(chain[3] as AuditEntry), rest.slice(1));
    expect(verifyChain(further)).toMatchObject({ sequence: 4, tampering: 'missing' });
  });

  test('is not intact when the known place is before the checkpoint', () => {
    const known = placeOf(chain[0] as AuditEntry);
    expect(verifyChain(trimmedLines(checkpoint), known)).toMatchObject({ sequence: 1, tampering: 'missing' });
  });

  test('is not intact with a second checkpoint', () => {
    const [first = '', ...others] = trimmedLines(checkpoint);
    expect(verifyChain([first, first, ...others])).toMatchObject({ sequence: 4, tampering: 'inserted' });
  });
});

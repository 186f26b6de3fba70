import type { Mutation } from '../draft.ts';
import type { FuzzRandom } from '../fuzz-random.ts';

/** JSON text that parsers disagree about, which replaces a value. */
const RAW_VALUES = [
  '1e400',
  '-1e400',
  '-0',
  '-0.0',
  '1E+999999999',
  '9007199254740993',
  '01',
  '+1',
  '.5',
  '5.',
  '0x10',
  'NaN',
  'Infinity',
  'undefined',
  "'x'",
  '"\\ud83d"',
  '"\\ude00\\ud83d"',
  '"\\u0000"',
  '"\\x41"',
  '"\u0007"',
  '"',
  '{"__proto__":{"a":1}}',
  '{"constructor":{"prototype":{"a":1}}}',
  '{"a":1,"a":2}',
  '{"\\u005f_proto__":1}',
  '[1,]',
  '{,}',
  '/**/1',
  '',
];

const BAD_UTF8 = [
  [0xff],
  [0xc0, 0xaf],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xe2, 0x82],
  [0xfe, 0xff],
  [0x80],
];

/** Changes the bytes of a body, where there is one. */
function edit(change: (bytes: Buffer, random: FuzzRandom) => Buffer): Mutation {
  return (draft, random) => {
    if (draft.bytes) draft.bytes = change(draft.bytes, random);
  };
}

function insert(bytes: Buffer, at: number, more: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]);
}

/** Mutations of the bytes of a body. */
export const BYTE_MUTATIONS = {
  truncate: edit((bytes, random) => bytes.subarray(0, random.between(0, bytes.length))),

  flipBits: edit((bytes, random) => {
    const copy = Buffer.from(bytes);
    const at = random.between(0, copy.length - 1);
    if (copy.length > 0) copy[at] = (copy[at] ?? 0) ^ (1 << random.between(0, 7));
    return copy;
  }),

  badUtf8: edit((bytes, random) =>
    insert(bytes, random.between(0, bytes.length), Buffer.from(random.pick(BAD_UTF8))),
  ),

  rawValue: edit((bytes, random) => {
    const text = bytes.toString();
    const values = [...text.matchAll(/(?<=[:,[])(?:"(?:[^"\\]|\\.)*"|[\w.+-]+)(?=[,}\]])/g)];
    const at = random.pickAny(values);
    if (!at) return Buffer.from(random.pick(RAW_VALUES));
    const end = at.index + at[0].length;
    return Buffer.from(`${text.slice(0, at.index)}${random.pick(RAW_VALUES)}${text.slice(end)}`);
  }),

  repeatMember: edit((bytes, random) => {
    const text = bytes.toString();
    const member = random.pickAny([...text.matchAll(/"\w+":(?:"[^"\\]*"|[\w.-]+)/g)])?.[0];
    return member ? Buffer.from(text.replace(member, `${member},${member}`)) : bytes;
  }),

  forbiddenMember: edit((bytes, random) => {
    const name = random.pick(['__proto__', 'constructor', 'prototype']);
    return Buffer.from(bytes.toString().replace('{', `{"${name}":{"isAdmin":true},`));
  }),

  mark: edit((bytes) => insert(bytes, 0, Buffer.from('\ufeff'))),
  trail: edit((bytes, random) =>
    insert(bytes, bytes.length, Buffer.from(random.pick(['x', '\0', '{}', ']', '//']))),
  ),
  twice: edit((bytes) => Buffer.concat([bytes, bytes])),
  utf16: edit((bytes) => Buffer.from(bytes.toString(), 'utf16le')),
  empty: edit(() => Buffer.alloc(0)),

  brackets: edit((bytes, random) => {
    const depth = random.pick([15, 16, 17, 1_000, 20_000]);
    return random.chance(0.5)
      ? Buffer.from('['.repeat(depth) + ']'.repeat(depth))
      : insert(bytes, 0, Buffer.from('['.repeat(depth)));
  }),

  pad: edit((bytes, random) => {
    const size = random.pick([65_535, 65_536, 65_537]);
    return size > bytes.length ? Buffer.concat([bytes, Buffer.alloc(size - bytes.length, ' ')]) : bytes;
  }),

  manyMembers: edit((_, random) => {
    const count = random.pick([255, 256, 257, 3_000]);
    return Buffer.from(`{${Array.from({ length: count }, (_, index) => `"m${index}":0`).join(',')}}`);
  }),
} satisfies Record<string, Mutation>;

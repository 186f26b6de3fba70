import type { FirstWorkspace } from '../../harness/service-process.ts';
import type { FuzzRandom } from '../fuzz/fuzz-random.ts';

/** A body made of one text that is repeated, and how it is sent. */
export interface Shape {
  readonly target: keyof typeof TARGETS;
  readonly around: string;
  readonly item: string;
  readonly items: number;
  /** Requests with it that are sent at the same time. */
  readonly concurrent: number;
}

const API = '/api/v2';

/** Where bodies go, and the longest that is read there. */
export const TARGETS = {
  verifyMany: { method: 'POST', path: () => `${API}/api-keys/verify-many`, bytes: 1024 * 1024 },
  updateKeys: { method: 'PUT', path: () => `${API}/api-keys`, bytes: 320 * 1024 },
  createKey: { method: 'POST', path: () => `${API}/api-keys`, bytes: 64 * 1024 },
  createRole: {
    method: 'POST',
    path: ({ workspaceId }: FirstWorkspace) => `${API}/workspaces/${workspaceId}/roles`,
    bytes: 64 * 1024,
  },
  createSession: { method: 'POST', path: () => `${API}/sessions`, bytes: 1024 },
} as const;

const AROUND = [
  '{"checks":[…]}',
  '{"checks":[{"key":"k","permissions":[…]}]}',
  '{"apiKeys":[…]}',
  '{"name":"…"}',
  '{"name":"x","permissions":[…]}',
  '{"token":"…"}',
  '{…}',
  '[…]',
  '["\\n",…]',
];
const ITEMS = [
  '{}',
  '[]',
  '1',
  '""',
  '-1.7976931348623157e308',
  '1e400',
  '"\\u0041\\ud83d\\ude00"',
  '"calls:read"',
  '{"key":"lk_live_x"}',
  '{"key":"k","permissions":["calls:read","calls:write"],"cost":1,"ip":"::1"}',
  '{"id":"key_x","name":"y"}',
  '{"a":1,"b":2,"c":3}',
  '"a":1',
  '[[[[[[[[[[[[[]]]]]]]]]]]]]',
  '\u0300\u0316',
  'aaaaaaaaaaaaaaaa_',
  '\\u0061',
  '🙂',
];
const MOST_CONCURRENT = 8;
const FEWEST_ITEMS = 1;
const MOST_ITEMS = 200_000;

/** The valid body with the most work of each target that takes more than one item: the search starts from them. */
export const CORPUS: readonly Shape[] = [
  {
    target: 'verifyMany',
    around: '{"checks":[…]}',
    item: '{"key":"lk_live_x"}',
    items: 1_000,
    concurrent: MOST_CONCURRENT,
  },
  {
    target: 'updateKeys',
    around: '{"apiKeys":[…]}',
    item: '{"id":"key_x","name":"y"}',
    items: 200,
    concurrent: MOST_CONCURRENT,
  },
  {
    target: 'createRole',
    around: '{"name":"x","permissions":[…]}',
    item: '"calls:read"',
    items: 5_000,
    concurrent: MOST_CONCURRENT,
  },
];

export function randomShape(random: FuzzRandom): Shape {
  return {
    target: random.pick(Object.keys(TARGETS) as Shape['target'][]),
    around: random.pick(AROUND),
    item: random.pick(ITEMS),
    items: Math.round(10 ** (random.next() * Math.log10(MOST_ITEMS))),
    concurrent: random.between(1, MOST_CONCURRENT),
  };
}

/** The shape with one of its properties changed. */
export function neighbour(shape: Shape, random: FuzzRandom): Shape {
  const property = random.pick(Object.keys(shape) as (keyof Shape)[]);
  if (property !== 'items') return { ...shape, [property]: randomShape(random)[property] };
  const items = Math.round(shape.items * (0.5 + random.next() * 1.5));
  return { ...shape, items: Math.min(Math.max(items, FEWEST_ITEMS), MOST_ITEMS) };
}

export function bodyOf({ target, around, item, items }: Shape): string {
  const [before = '', after = ''] = around.split('…');
  const separator = around.includes('"…"') ? '' : ',';
  const room = TARGETS[target].bytes - Buffer.byteLength(before + after);
  const fitting = Math.floor(room / Buffer.byteLength(item + separator));
  const count = Math.max(1, Math.min(items, fitting));
  return before + Array.from({ length: count }, () => item).join(separator) + after;
}

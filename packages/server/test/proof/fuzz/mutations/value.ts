import type { Mutation } from '../draft.ts';
import type { FuzzRandom } from '../fuzz-random.ts';
import { anyText, hostileText, longText, weirdUnicode } from '../texts.ts';
import type { World } from '../world.ts';

/** A place in a JSON value: a member of an object or an item of an array. */
interface Place {
  readonly container: Record<string, unknown>;
  readonly name: string;
}

const NUMBERS = [
  0,
  1,
  -1,
  0.5,
  1e-7,
  59,
  60,
  100,
  101,
  200,
  201,
  604_800,
  604_801,
  1e6,
  1e6 + 1,
  1e9,
  1e9 + 1,
  2 ** 31,
  2 ** 32,
  Number.MAX_SAFE_INTEGER,
  Number.MIN_SAFE_INTEGER,
  1e15,
  1e21,
  Number.MAX_VALUE,
  Number.MIN_VALUE,
];

const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  1,
  -1,
  '',
  'x',
  [],
  {},
  [null],
  [[]],
  { a: 1 },
  [{}],
  '0',
  'null',
];

const NEW_NAMES = [
  'isAdmin',
  'id',
  'key',
  'createdBy',
  'permissions',
  'workspaceId',
  'toString',
  '',
  ' ',
  'ключ',
  '$ref',
  'a.b',
  '[0]',
];

/** A copy, since a later mutation may write into it. */
function anyValue(random: FuzzRandom): unknown {
  return structuredClone(random.pick(VALUES));
}

function placesIn(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const container = value as Record<string, unknown>;
  return Object.keys(container).flatMap((name) => [{ container, name }, ...placesIn(container[name])]);
}

/** Replaces a value within the body, or the whole body. */
function replaceSomewhere(choose: (random: FuzzRandom, present: unknown, world: World) => unknown): Mutation {
  return (draft, random, world) => {
    const place = random.pickAny(placesIn(draft.json));
    if (place) place.container[place.name] = choose(random, place.container[place.name], world);
    else draft.json = choose(random, draft.json, world);
  };
}

const dropField: Mutation = (draft, random) => {
  const place = random.pickAny(placesIn(draft.json));
  if (place) delete place.container[place.name];
};

const addField: Mutation = (draft, random) => {
  const objects = [draft.json, ...placesIn(draft.json).map(({ container, name }) => container[name])].filter(
    isObject,
  );
  const object = random.pickAny(objects);
  if (object) object[random.chance(0.8) ? random.pick(NEW_NAMES) : anyText(random)] = anyValue(random);
};

const secretAsName: Mutation = (draft, random, world) => {
  if (isObject(draft.json)) draft.json[world.secret(random)] = random.chance(0.5);
};

const repeatItems: Mutation = (draft, random) => {
  const arrays = placesIn(draft.json)
    .map(({ container, name }) => container[name])
    .filter(Array.isArray);
  const array = random.pickAny(arrays);
  if (!array || array.length === 0) return;
  const count = random.pick([1, 2, 5, 30, 199, 200, 201, 1_001]);
  const items = Array.from({ length: count }, (_, index) => array[index % array.length] as unknown);
  array.splice(0, array.length, ...items);
};

const nestDeeply: Mutation = (draft, random, world) => {
  const depth = random.pick([1, 2, 13, 14, 15, 16, 17, 40]);
  const isArray = random.chance(0.5);
  replaceSomewhere((_, present) => {
    let value = present;
    for (let level = 0; level < depth; level++) value = isArray ? [value] : { a: value };
    return value;
  })(draft, random, world);
};

const swapRoot: Mutation = (draft, random) => {
  draft.json = random.pick<unknown>([null, [], [draft.json], 'text', 1, true, {}]);
};

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Mutations of a body as a JSON value. A request without a body is not changed, or gets a body. */
export const VALUE_MUTATIONS = {
  dropField,
  addField,
  repeatItems,
  nestDeeply,
  secretAsName,
  swapRoot,
  wrongType: replaceSomewhere(anyValue),
  oddNumber: replaceSomewhere((random) => random.pick(NUMBERS)),
  hostileText: replaceSomewhere(hostileText),
  weirdUnicode: replaceSomewhere(weirdUnicode),
  longText: replaceSomewhere(longText),
  secret: replaceSomewhere((random, _, world) => world.secret(random)),
  wrapped: replaceSomewhere((random, present) => (random.chance(0.5) ? [present] : { value: present })),
  asText: replaceSomewhere((_, present) => JSON.stringify(present) ?? 'undefined'),
} satisfies Record<string, Mutation>;

import type { Mutation } from '../draft.ts';
import type { FuzzRandom } from '../fuzz-random.ts';
import { anyText, hostileText, weirdUnicode } from '../texts.ts';

const BROKEN_ENCODINGS = [
  '%',
  '%z',
  '%zz',
  '%ff',
  '%c0%af',
  '%ed%a0%80',
  '%e2%82',
  '%00',
  '%0d%0a',
  '%25',
  '%2525',
  '%u0041',
];
const PATH_TRICKS = [
  '/',
  '//',
  '/./',
  '/../',
  ';a=b',
  '%2f',
  '%2e%2e',
  '%5c',
  '.json',
  '*',
  '/check',
  '/rotate',
  '/usage',
];
const NAMES = [
  'limit',
  'offset',
  'status',
  'sortBy',
  'sortOrder',
  'search',
  'userId',
  'workspaceId',
  'permission',
  'expiresBefore',
  'x',
];
const VALUES = [
  '',
  '0',
  '-1',
  '1',
  '100',
  '101',
  '1e3',
  '1.5',
  '9'.repeat(30),
  'NaN',
  'true',
  'null',
  'asc',
  'name',
  'revoked',
  '[]',
  '{}',
];

/** Puts text into the path, between or inside of its segments. */
function intoPath(choose: (random: FuzzRandom) => string): Mutation {
  return (draft, random) => {
    const end = draft.url.search(/\?|$/);
    const at = random.between(1, end);
    draft.url = draft.url.slice(0, at) + choose(random) + draft.url.slice(at);
  };
}

function addParameter(choose: (random: FuzzRandom) => string): Mutation {
  return (draft, random) => {
    draft.url += `${draft.url.includes('?') ? '&' : '?'}${choose(random)}`;
  };
}

const lastSegment: Mutation = (draft, random) => {
  draft.url = draft.url.replace(/[^/?]*(?=\?|$)/, encodeURIComponent(anyText(random)));
};

/** Mutations of the URL. */
export const URL_MUTATIONS = {
  lastSegment,
  brokenEncoding: intoPath((random) => random.pick(BROKEN_ENCODINGS)),
  pathTrick: intoPath((random) => random.pick(PATH_TRICKS)),
  textInPath: intoPath((random) => encodeURIComponent(hostileText(random))),
  longPath: intoPath((random) => 'p'.repeat(random.pick([65, 1_024, 1_025, 8_300]))),

  oddParameter: addParameter((random) => `${random.pick(NAMES)}=${random.pick(VALUES)}`),
  textParameter: addParameter(
    (random) => `${random.pick(NAMES)}=${encodeURIComponent(weirdUnicode(random))}`,
  ),
  brokenParameter: addParameter((random) => `${random.pick(NAMES)}=${random.pick(BROKEN_ENCODINGS)}`),
  bareParameter: addParameter((random) =>
    random.pick(['&', '=', '==&&', 'limit', 'limit[]=1', 'limit[a]=1', '__proto__=1', '?']),
  ),
  longQuery: addParameter((random) => `search=${'q'.repeat(random.pick([100, 101, 8_000, 8_300]))}`),
  manyParameters: addParameter((random) => `${random.pick(NAMES)}=1&`.repeat(random.pick([2, 20, 500]))),

  keyInUrl: (draft, random, world) => {
    const key = world.secret(random);
    const text = random.chance(0.5)
      ? key
      : [...key].map((char) => `%${char.charCodeAt(0).toString(16)}`).join('');
    (random.chance(0.5) ? addParameter(() => `x=${text}`) : intoPath(() => text))(draft, random, world);
  },

  changeCase: (draft) => {
    draft.url = draft.url.toUpperCase();
  },
} satisfies Record<string, Mutation>;

import fc from 'fast-check';
import type { Draft, Mutation } from './draft.ts';
import { FuzzRandom } from './fuzz-random.ts';
import { BYTE_MUTATIONS } from './mutations/bytes.ts';
import { HEAD_MUTATIONS } from './mutations/head.ts';
import { URL_MUTATIONS } from './mutations/url.ts';
import { VALUE_MUTATIONS } from './mutations/value.ts';
import { OPERATIONS } from './operations.ts';
import type { Samples } from './samples.ts';
import { validDraft } from './valid-draft.ts';
import { CREDENTIALS, type Credential, type World } from './world.ts';

/** One request, in the words of the fuzzer: small enough for fast-check to reduce and for people to read. */
export interface Plan {
  readonly operation: string;
  readonly credential: Credential;
  readonly seed: number;
  readonly mutations: readonly { readonly name: string; readonly seed: number }[];
}

/** In the order in which they are applied: a body is mutated as a value before it is mutated as bytes. */
const STAGES: readonly Readonly<Record<string, Mutation>>[] = [
  VALUE_MUTATIONS,
  BYTE_MUTATIONS,
  URL_MUTATIONS,
  HEAD_MUTATIONS,
];

const MUTATION_NAMES = STAGES.flatMap((stage) => Object.keys(stage));
const MUTATIONS_MAX = 3;

/** Operations without input have less to go wrong. */
const WEIGHTED_OPERATIONS = OPERATIONS.flatMap(({ id, body, query }) =>
  Array.from({ length: body ? 4 : query ? 2 : 1 }, () => id),
);

const seeds = fc.noShrink(fc.noBias(fc.nat(2 ** 31 - 1)));

export const plans: fc.Arbitrary<Plan> = fc.record({
  operation: fc.constantFrom(...WEIGHTED_OPERATIONS),
  credential: fc.constantFrom(...CREDENTIALS),
  seed: seeds,
  mutations: fc.array(fc.record({ name: fc.constantFrom(...MUTATION_NAMES), seed: seeds }), {
    maxLength: MUTATIONS_MAX,
    size: 'max',
  }),
});

/** Builds the request of a plan, with the current ids and keys of the world. */
export function carryOut(
  { operation: id, credential, seed, mutations }: Plan,
  samples: Samples,
  world: World,
): Draft {
  const operation = OPERATIONS.find((one) => one.id === id);
  if (!operation) throw new Error(`there is no operation ${id}`);
  const draft = validDraft(operation, credential, samples, new FuzzRandom(seed), world);
  for (const stage of STAGES) {
    for (const { name, seed } of mutations) stage[name]?.(draft, new FuzzRandom(seed), world);
    if (stage === VALUE_MUTATIONS && draft.json !== undefined)
      draft.bytes = Buffer.from(JSON.stringify(draft.json));
  }
  return draft;
}

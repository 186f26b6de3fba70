import { type Static, Type } from 'typebox';
import { Id, Nullable, Timestamp } from './primitives.ts';

/** The most keys that the answer to a dry run lists. */
export const AFFECTED_KEYS_MAX = 1_000;

/** The keys that a change would stop, or give other permissions. */
export const Affected = Type.Object(
  {
    total: Type.Integer({ minimum: 0, description: 'The number of these keys.' }),
    keys: Type.Array(
      Type.Object(
        {
          id: Id,
          key: Type.String({ description: 'The hint: prefix, `…`, last four characters.' }),
          name: Type.String(),
          userId: Type.String({ description: 'The owner of the key.' }),
          lastUsedAt: Nullable(Timestamp),
        },
        { title: 'AffectedKey' },
      ),
      {
        description: `At most ${AFFECTED_KEYS_MAX} of them that the caller may see, the last used first.`,
      },
    ),
  },
  {
    title: 'Affected',
    description:
      'Only in the answer to a dry run: the keys that would stop working or, with a new `permissionMode`, lose or get back permissions.',
  },
);

export type AffectedBody = Static<typeof Affected>;

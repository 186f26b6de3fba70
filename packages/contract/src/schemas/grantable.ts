import { type Static, Type } from 'typebox';
import { PermissionSchema } from './api-key.ts';
import { CallerKindSchema, Id } from './primitives.ts';

/** Who lacks a permission that a key cannot be given: the caller, the owner of the key, or both. */
export const GRANT_OBSTACLES = ['caller', 'owner', 'both'] as const;
export type GrantObstacle = (typeof GRANT_OBSTACLES)[number];

const Holder = { userId: Id, displayName: Type.String(), roleName: Type.String() };

/** What a caller can give to a new key of an owner. */
export const Grantable = Type.Object(
  {
    caller: Type.Object({ kind: CallerKindSchema, ...Holder }),
    owner: Type.Object(Holder),
    permissions: Type.Array(
      Type.Object({
        id: PermissionSchema,
        grantable: Type.Boolean(),
        notHeldBy: Type.Unsafe<GrantObstacle | null>({
          type: ['string', 'null'],
          enum: [...GRANT_OBSTACLES, null],
          description:
            'Who does not hold the permission: `caller`, `owner` or `both`; null if it can be given. A caller that is a key holds the permissions of the key, which can be fewer than those of its role.',
        }),
      }),
      { description: 'The whole catalogue, in its order.' },
    ),
  },
  { title: 'Grantable' },
);

export type GrantableBody = Static<typeof Grantable>;

import { type Static, Type } from 'typebox';
import { PermissionSchema } from './api-key.ts';
import { CallerKindSchema } from './primitives.ts';

/** The caller, as `GET /me` returns it. */
export const Caller = Type.Object({
  kind: CallerKindSchema,
  userId: Type.String(),
  workspaceId: Type.String(),
  permissions: Type.Array(PermissionSchema),
  keyId: Type.Optional(Type.String({ description: 'Only if the credential is a key.' })),
  use: Type.Optional(
    Type.Literal('verify', { description: 'Only if the credential is a key for verification.' }),
  ),
});

export type CallerBody = Static<typeof Caller>;

import { type Static, Type } from 'typebox';
import { PermissionSchema } from './api-key.ts';
import { CallerKindSchema } from './caller-kind.ts';

/** The credential of a call, as `GET /me` tells it. */
export const Caller = Type.Object({
  kind: CallerKindSchema,
  userId: Type.String(),
  workspaceId: Type.String(),
  permissions: Type.Array(PermissionSchema),
  keyId: Type.Optional(Type.String({ description: 'Only where the credential is a key.' })),
});

export type CallerBody = Static<typeof Caller>;

import { Type } from 'typebox';

/** A field of every call that can revoke or disable keys. */
export const Force = {
  force: Type.Optional(
    Type.Boolean({
      default: false,
      description:
        'Make the change even if the workspace then has no active key with `api-keys:write` and no account that can sign in. Without `force`, the response is 409 `LAST_MANAGING_KEY`.',
    }),
  ),
};

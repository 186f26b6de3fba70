import { Type } from 'typebox';

/** The field of every call that can end keys. */
export const Force = {
  force: Type.Optional(
    Type.Boolean({
      default: false,
      description:
        'Do it although no active key with `api-keys:write` is left then and no account can sign in to the workspace. Without it the answer is 409 `LAST_MANAGING_KEY`.',
    }),
  ),
};

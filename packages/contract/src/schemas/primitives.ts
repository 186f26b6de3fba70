import { type Static, type TSchema, Type } from 'typebox';

/** A value of the schema, or null. A list of types, not `anyOf`, so that validators and serialisers have no union to try. */
export function Nullable<Schema extends TSchema & { type: string }>(schema: Schema) {
  return Type.Unsafe<Static<Schema> | null>({ ...schema, type: [schema.type, 'null'] });
}

/** An instant in responses: RFC 3339 in UTC with milliseconds. */
export const Timestamp = Type.String({ format: 'date-time', examples: ['2026-11-23T09:30:00.000Z'] });

/** An instant in requests. `parseInstant` on the server checks the rules that JSON Schema cannot express. */
export const InstantInput = Type.String({
  description:
    'RFC 3339 with a zone (`2027-01-31T12:00:00Z`, `2027-01-31T12:00:00.250+01:00`), or a date alone for 00:00 UTC of that day. Digits beyond milliseconds are dropped.',
  minLength: 1,
  maxLength: 64,
  examples: ['2027-01-31T12:00:00Z'],
});

export const Email = Type.String({ format: 'email', maxLength: 254, examples: ['ada@example.com'] });

export const Id = Type.String({ minLength: 1, maxLength: 64 });

export const Name = Type.String({
  description:
    'Stored in Unicode NFC and trimmed; 1–100 code points, no control or bidirectional formatting characters.',
  minLength: 1,
  examples: ['Billing worker'],
});

/** The largest rate limits per minute and per day. */
export const REQUESTS_PER_MINUTE_MAX = 1_000_000;
export const REQUESTS_PER_DAY_MAX = 1_000_000_000;

/** The optional workspace field of a request. Any workspace but that of the credential is denied. */
export const OwnWorkspace = {
  workspaceId: Type.Optional(
    Type.String({ description: 'Only the workspace of the credential is accepted.' }),
  ),
};

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

/** The query of a call that can be tried without effect. */
export const DryRun = {
  dryRun: Type.Optional(
    Type.Boolean({
      default: false,
      description:
        'Return what the call would return, or its error, and change nothing. The caller needs the permissions of the call. No audit entry is written.',
    }),
  ),
};

/** The query of a call whose answer can wait for all instances. */
export const Wait = {
  wait: Type.Optional(
    Type.Boolean({
      default: false,
      description:
        'Answer once every instance of the service has confirmed that the change is in force there, or after five seconds.',
    }),
  ),
};

/** The cookie with the session token. Because of the prefix, browsers do not let other hosts or plain HTTP set it. */
export const SESSION_COOKIE = '__Host-latchkey_session';

/**
 * The kinds of caller: an API key, a session, an identity provider token, or the operator, who runs commands on the host
 * (such as `latchkey init`) and never calls over HTTP.
 */
export const CALLER_KINDS = ['key', 'session', 'token', 'operator'] as const;
export type CallerKind = (typeof CALLER_KINDS)[number];

export const CallerKindSchema = Type.Unsafe<CallerKind>({ type: 'string', enum: [...CALLER_KINDS] });

const EffectiveBy = Type.Unsafe<string>({
  ...Timestamp,
  description:
    'From this time on, no instance of the service decides by what was stored before the change: for example, none accepts a key that was revoked.',
});

/** When a change is in force: part of the answer to every change that ends or narrows what keys may do. */
export const Effect = {
  effectiveBy: EffectiveBy,
  instances: Type.Optional(
    Type.Array(
      Type.Object(
        {
          id: Id,
          confirmedAt: Nullable({
            ...Timestamp,
            description: 'From then on, it decides by nothing older than the change; null: not known yet.',
          }),
        },
        { title: 'Confirmation' },
      ),
      { description: 'Only with `wait`: the live instances. Times are those of the database.' },
    ),
  ),
};

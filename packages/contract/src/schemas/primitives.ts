import { type Static, type TSchema, Type } from 'typebox';

/** A value of the schema, or null; written as a list of types so that validators and serialisers stay flat. */
export function Nullable<Schema extends TSchema & { type: string }>(schema: Schema) {
  return Type.Unsafe<Static<Schema> | null>({ ...schema, type: [schema.type, 'null'] });
}

/** An instant in answers: RFC 3339 in UTC with milliseconds. */
export const Timestamp = Type.String({ format: 'date-time', examples: ['2026-11-23T09:30:00.000Z'] });

/** An instant in requests. The rules beyond JSON Schema are those of `parseInstant` on the server. */
export const InstantInput = Type.String({
  description:
    'RFC 3339 with a zone (`2027-01-31T12:00:00Z`, `2027-01-31T12:00:00.250+01:00`), or a date alone for 00:00 UTC of that day. A finer fraction is cut to milliseconds.',
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

/** The largest numbers a limit can have, per minute and per day. */
export const REQUESTS_PER_MINUTE_MAX = 1_000_000;
export const REQUESTS_PER_DAY_MAX = 1_000_000_000;

/** Accepted wherever a caller may name its workspace; any but the credential's own is refused. */
export const OwnWorkspace = {
  workspaceId: Type.Optional(
    Type.String({ description: 'Only the workspace of the credential is accepted.' }),
  ),
};

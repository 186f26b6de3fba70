import { Type } from 'typebox';

/**
 * The kinds of caller: an API key, a session, an identity provider token, or the operator, who runs commands on the host
 * (such as `latchkey init`) and never calls over HTTP.
 */
export const CALLER_KINDS = ['key', 'session', 'token', 'operator'] as const;
export type CallerKind = (typeof CALLER_KINDS)[number];

export const CallerKindSchema = Type.Unsafe<CallerKind>({ type: 'string', enum: [...CALLER_KINDS] });

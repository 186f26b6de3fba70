import { Type } from 'typebox';

/**
 * What can act: an API key, a person's session or token of the identity provider, or the operator, who works on the
 * machine of the service itself (`latchkey init`) and never over HTTP.
 */
export const CALLER_KINDS = ['key', 'session', 'token', 'operator'] as const;
export type CallerKind = (typeof CALLER_KINDS)[number];

export const CallerKindSchema = Type.Unsafe<CallerKind>({ type: 'string', enum: [...CALLER_KINDS] });

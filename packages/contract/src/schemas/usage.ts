import { type Static, Type } from 'typebox';
import { DECISION_STEPS, DENIED_CODES, type DecisionStep, type DeniedCode } from '../verdicts.ts';
import { PermissionSchema } from './api-key.ts';
import { Nullable, Timestamp } from './primitives.ts';
import { RateLimitState, VerdictCodeSchema } from './verdict.ts';

/** The spans in which use is counted, from the finest to the coarsest. All begin where UTC has them begin. */
export const GRANULARITIES = ['minute', 'hour', 'day'] as const;
export type Granularity = (typeof GRANULARITIES)[number];

export const GranularitySchema = Type.Unsafe<Granularity>({
  type: 'string',
  enum: [...GRANULARITIES],
  default: 'hour',
});

const Count = Type.Integer({ minimum: 0 });

export const UsagePoint = Type.Object(
  {
    at: Type.Unsafe<string>({ ...Timestamp, description: 'When the span begins.' }),
    allowed: Count,
    denied: Type.Unsafe<Partial<Record<DeniedCode, number>>>({
      type: 'object',
      description: 'How often the key was refused, by verdict code; a code that did not occur is left out.',
      properties: Object.fromEntries(DENIED_CODES.map((code) => [code, { ...Count }])),
    }),
  },
  { title: 'UsagePoint' },
);

const DecisionStepSchema = Type.Unsafe<DecisionStep>({ type: 'string', enum: [...DECISION_STEPS] });

export const Refusal = Type.Object(
  {
    at: Timestamp,
    code: Type.Unsafe<DeniedCode>({ type: 'string', enum: [...DENIED_CODES] }),
    step: Type.Unsafe<DecisionStep>({
      ...DecisionStepSchema,
      description: 'What refused: for RATE_LIMITED the limit, for KEY_REVOKED what ended the key.',
    }),
    missing: Type.Array(Type.String(), {
      description: 'What the key lacked of what was asked; also permissions that are retired by now.',
    }),
    cost: Type.Integer({ minimum: 0, description: 'The quota that was asked for.' }),
  },
  { title: 'Refusal' },
);

export const ExplainedStep = Type.Object(
  {
    step: DecisionStepSchema,
    passes: Type.Boolean(),
    code: Nullable(
      Type.String({ description: 'The verdict, where this is the first step that does not pass.' }),
    ),
    note: Type.String({ description: 'What was found, for people.' }),
  },
  { title: 'ExplainedStep' },
);

export const Explanation = Type.Object(
  {
    valid: Type.Boolean(),
    code: VerdictCodeSchema,
    missing: Type.Array(PermissionSchema, { description: 'What the key lacks of what is asked.' }),
    rateLimit: RateLimitState,
    steps: Type.Array(ExplainedStep, {
      description: 'All steps in their order, each judged by itself. The first that does not pass decides.',
    }),
  },
  { title: 'Explanation' },
);

export type UsagePointBody = Static<typeof UsagePoint>;
export type RefusalBody = Static<typeof Refusal>;
export type ExplanationBody = Static<typeof Explanation>;

import { type Static, Type } from 'typebox';
import {
  COUNTED_DENIAL_CODES,
  type CountedDenialCode,
  DECISION_STEPS,
  type DecisionStep,
} from '../verdicts.ts';
import { PermissionSchema } from './api-key.ts';
import { Id, Nullable, Timestamp } from './primitives.ts';
import { RateLimitState, VerdictCodeSchema } from './verdict.ts';

/** The time spans in which usage is counted, shortest first. All start at UTC boundaries. */
export const GRANULARITIES = ['minute', 'hour', 'day'] as const;
export type Granularity = (typeof GRANULARITIES)[number];

export const GranularitySchema = Type.Unsafe<Granularity>({
  type: 'string',
  enum: [...GRANULARITIES],
  default: 'hour',
});

const Count = Type.Integer({ minimum: 0 });

const DeniedByCode = Type.Unsafe<Partial<Record<CountedDenialCode, number>>>({
  type: 'object',
  description: 'The number of denials by verdict code; a code that did not occur is left out.',
  properties: Object.fromEntries(COUNTED_DENIAL_CODES.map((code) => [code, { ...Count }])),
});

export const UsagePoint = Type.Object(
  {
    at: Type.Unsafe<string>({ ...Timestamp, description: 'The start of the span.' }),
    allowed: Count,
    denied: DeniedByCode,
  },
  { title: 'UsagePoint' },
);

const CountedDenialSchema = Type.Unsafe<CountedDenialCode>({
  type: 'string',
  enum: [...COUNTED_DENIAL_CODES],
});

const CountedKey = {
  id: Id,
  key: Type.String({ description: 'The hint: prefix, `…`, last four characters.' }),
  name: Type.String(),
  userId: Type.String({ description: 'The owner of the key.' }),
};

/** The verdicts of one key in a period. */
export const KeyUsage = Type.Object(
  { ...CountedKey, allowed: Count, denied: DeniedByCode },
  { title: 'KeyUsage' },
);

/** The denials of one key with one code in a period. */
export const KeyDenials = Type.Object(
  { ...CountedKey, code: CountedDenialSchema, count: Count },
  { title: 'KeyDenials' },
);

const Calls = Type.Object({ allowed: Count, denied: Count });

export const Rate = Type.Object(
  {
    id: Id,
    lastHour: Type.Unsafe<Static<typeof Calls>>({
      ...Calls,
      description: 'Verdicts in the current UTC minute and the 59 before it.',
    }),
    lastFiveMinutes: Type.Unsafe<Static<typeof Calls>>({
      ...Calls,
      description: 'Verdicts in the current UTC minute and the 4 before it.',
    }),
  },
  { title: 'Rate' },
);

const DecisionStepSchema = Type.Unsafe<DecisionStep>({ type: 'string', enum: [...DECISION_STEPS] });

export const Denial = Type.Object(
  {
    at: Timestamp,
    code: CountedDenialSchema,
    step: Type.Unsafe<DecisionStep>({
      ...DecisionStepSchema,
      description: 'The check that failed: for RATE_LIMITED the limit, for KEY_REVOKED what ended the key.',
    }),
    missing: Type.Array(Type.String(), {
      description:
        'The requested permissions that the key lacked, including permissions that the catalogue no longer has.',
    }),
    cost: Type.Integer({ minimum: 0, description: 'The quota that was requested.' }),
  },
  { title: 'Refusal' },
);

export const ExplainedStep = Type.Object(
  {
    step: DecisionStepSchema,
    passes: Type.Boolean(),
    code: Nullable(Type.String({ description: 'The verdict code, if this is the first step that fails.' })),
    note: Type.String({ description: 'The finding, for people.' }),
  },
  { title: 'ExplainedStep' },
);

export const Explanation = Type.Object(
  {
    valid: Type.Boolean(),
    code: VerdictCodeSchema,
    missing: Type.Array(PermissionSchema, { description: 'The requested permissions that the key lacks.' }),
    rateLimit: RateLimitState,
    steps: Type.Array(ExplainedStep, {
      description:
        'All checks in order, each evaluated independently. The first that fails decides the verdict.',
    }),
  },
  { title: 'Explanation' },
);

export type UsagePointBody = Static<typeof UsagePoint>;
export type RateBody = Static<typeof Rate>;
export type RefusalBody = Static<typeof Denial>;
export type ExplanationBody = Static<typeof Explanation>;

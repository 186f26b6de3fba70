import { type Static, type TProperties, type TSchema, Type } from 'typebox';
import { ERROR_CODES, type ErrorCode } from '../errors.ts';

/** The answer to a call that succeeded: `result` is keyed by noun. */
export function Success<Result extends TSchema>(result: Result) {
  return Type.Object({
    success: Type.Literal(true),
    data: Type.Object({
      message: Type.String({ description: 'For people; never needed by a program.' }),
      result,
    }),
  });
}

/** A closed object: what the schema does not name is refused in requests and dropped from answers. */
export function Closed<Properties extends TProperties>(properties: Properties, options: object = {}) {
  return Type.Object(properties, { ...options, additionalProperties: false });
}

export const ErrorDetailSchema = Type.Object({
  field: Type.String({ examples: ['expiresAt'] }),
  message: Type.String(),
});

const ErrorCodeSchema = Type.Unsafe<ErrorCode>({ type: 'string', enum: [...ERROR_CODES] });

export const FAILURE_EXAMPLE = {
  success: false,
  data: {
    message: 'The request has fields that are not valid',
    error: {
      code: 'VALIDATION_FAILED',
      details: [{ field: 'expiresAt', message: 'must be an instant such as 2027-01-31T12:00:00Z' }],
      requestId: 'req_01m84hkxthfeyba9zjhgmmw6nr',
      retryable: false,
    },
  },
};

/** The answer to a call that failed; `code` is the only thing to branch on. */
export const Failure = Type.Object(
  {
    success: Type.Literal(false),
    data: Type.Object({
      message: Type.String(),
      error: Type.Object({
        code: ErrorCodeSchema,
        details: Type.Array(ErrorDetailSchema),
        requestId: Type.String(),
        retryable: Type.Boolean(),
      }),
    }),
  },
  { title: 'Failure', examples: [FAILURE_EXAMPLE] },
);

/** The same facts as RFC 9457, for callers that accept `application/problem+json`. */
export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    instance: Type.String(),
    code: ErrorCodeSchema,
    requestId: Type.String(),
    retryable: Type.Boolean(),
    errors: Type.Array(ErrorDetailSchema),
  },
  { title: 'Problem' },
);

export type FailureBody = Static<typeof Failure>;
export type ProblemBody = Static<typeof Problem>;

import { type Static, type TProperties, type TSchema, Type } from 'typebox';
import { ERROR_CODES, type ErrorCode } from '../errors.ts';

/** The response to a successful call. `result` has one field per object, named by its noun. */
export function Success<Result extends TSchema>(result: Result) {
  return Type.Object({
    success: Type.Literal(true),
    data: Type.Object({
      message: Type.String({ description: 'For people; programs do not need it.' }),
      result,
    }),
  });
}

/** The response to any successful call: what all of them have in common. */
export const AnySuccess = Success(Type.Object({}));

/** A closed object: other fields are rejected in requests and removed from responses. */
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

/** The response to a failed call. Branch on `code` only. */
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

/** The same error in the format of RFC 9457, for clients that accept `application/problem+json`. */
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

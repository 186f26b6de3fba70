import { type ErrorDetail, redactSecrets } from '@latchkey/contract';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { AppError } from '../domain/shared/app-error.ts';

const DETAILS_MAX = 20;
const LISTED_VALUES_MAX = 12;
const ECHO_LENGTH_MAX = 60;

// `allErrors`, so that a caller can mend everything at once; the cost is bounded by the limits on bodies. Schemas are the
// contract's own and held against the standard by tests: to compile what would check them takes longer than they do.
const options = {
  allErrors: true,
  verbose: true,
  allowUnionTypes: true,
  strictRequired: false,
  validateSchema: false,
} as const;
const bodies = withFormats(new Ajv(options));
// Text is all that a URL can carry.
const urls = withFormats(new Ajv({ ...options, coerceTypes: true }));

/** A check of a part of a request: returns the error to answer with, or null. */
export type Validator = (data: unknown) => AppError | null;

/** The schema is compiled when it is first needed, so that a start does not wait for those of all endpoints. */
export function lazyValidator(schema: object, part: string): Validator {
  let compiled: ValidateFunction | undefined;
  return (data) => {
    compiled ??= (part === 'body' ? bodies : urls).compile(schema);
    return compiled(data) ? null : toError(compiled, part);
  };
}

function withFormats(ajv: Ajv): Ajv {
  formats.default(ajv, ['date-time', 'email', 'ipv4', 'ipv6']);
  return ajv;
}

function toError(validate: ValidateFunction, part: string): AppError {
  const errors = (validate.errors ?? []).slice(0, DETAILS_MAX);
  const details = errors.map((error) => toDetail(error, part));
  const isUnknown = errors.every(({ keyword }) => keyword === 'additionalProperties');
  const first = details[0] ?? { field: part, message: 'is not valid' };
  const message = `${first.field} ${first.message}`;
  return new AppError(isUnknown ? 'FIELD_UNKNOWN' : 'VALIDATION_FAILED', { message, details });
}

function toDetail(error: ErrorObject, part: string): ErrorDetail {
  const base = fieldPath(error.instancePath);
  const field = [base, memberOf(error)].filter(Boolean).join('.') || part;
  return { field, message: messageOf(error) };
}

/** `/apiKeys/3/name` becomes `apiKeys[3].name`. */
function fieldPath(instancePath: string): string {
  return instancePath
    .slice(1)
    .replaceAll(/(?:^|\/)(\d+)(?=\/|$)/g, '[$1]')
    .replaceAll('/', '.');
}

function memberOf({ keyword, params }: ErrorObject): string {
  if (keyword === 'required') return String(params.missingProperty);
  return keyword === 'additionalProperties' ? echo(String(params.additionalProperty)) : '';
}

function messageOf({ keyword, params, data, message }: ErrorObject): string {
  switch (keyword) {
    case 'required':
      return 'is required';
    case 'additionalProperties':
      return 'is not a field of this call';
    case 'type':
      return `must be ${[params.type].flat().join(' or ')}`;
    case 'enum': {
      const allowed = params.allowedValues as unknown[];
      const list =
        allowed.length <= LISTED_VALUES_MAX ? `one of ${allowed.join(', ')}` : 'one of the listed values';
      return typeof data === 'string'
        ? `must be ${list}, not ${JSON.stringify(echo(data))}`
        : `must be ${list}`;
    }
    case 'minLength':
      return 'must not be empty';
    default:
      return message ?? 'is not valid';
  }
}

function echo(value: string): string {
  const text = redactSecrets(value);
  if (text.length <= ECHO_LENGTH_MAX) return text;
  // By code points, so that no half of a pair remains; a code point is two units at most.
  return `${[...text.slice(0, 2 * ECHO_LENGTH_MAX)].slice(0, ECHO_LENGTH_MAX).join('')}…`;
}

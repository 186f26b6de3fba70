import { type ErrorDetail, redactSecrets } from '@latchkey/contract';
import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { AppError } from '../../domain/shared/app-error.ts';
import { reportWork } from '../load/call-work.ts';

const DETAILS_MAX = 20;
const LISTED_VALUES_MAX = 12;
const ECHO_LENGTH_MAX = 60;
/** Characters of a text that are redacted before a part of it is echoed: more than any key or token has. */
const REDACTED_LENGTH_MAX = 4_096;

/** Up to this size, in values, all errors are collected. A text counts one more for every `LENGTH_OF_VALUE` characters. */
const SMALL_VALUES_MAX = 256;
const LENGTH_OF_VALUE = 64;

// The schemas are not validated at run time, since compiling their meta-schema is slow. Tests check them against the
// standard.
const OPTIONS = {
  verbose: true,
  allowUnionTypes: true,
  strictRequired: false,
  validateSchema: false,
} as const;

/** One pair for bodies, and one with type coercion for URLs, where all values are text and a list may be a single value. */
const bodies = pairOf({});
const urls = pairOf({ coerceTypes: 'array' });

/** `first` stops at the first error; `all` collects all errors, so that a client can correct them in one step. */
interface Pair<Checker> {
  first: Checker;
  all: Checker;
}

/** Validates a part of a request. Returns the error to answer with, or null if the part is valid. */
export type Validator = (data: unknown) => AppError | null;

/**
 * A validator that compiles its schema at the first use, which keeps the start fast. The error has up to 20 details
 * if the data is small, else only the first one, since collecting thousands of errors would cost far more than reading the
 * data.
 */
export function lazyValidator(schema: object, part: string): Validator {
  const { first, all } = part === 'body' ? bodies : urls;
  const compiled: Partial<Pair<ValidateFunction>> = {};
  return (data) => {
    compiled.first ??= first.compile(schema);
    if (compiled.first(data)) return null;
    if (!isSmall(data)) return toError(compiled.first, part);
    compiled.all ??= all.compile(schema);
    compiled.all(data);
    return toError(compiled.all, part);
  };
}

function pairOf(options: Options): Pair<Ajv> {
  return { first: ajvWith(options), all: ajvWith({ ...options, allErrors: true }) };
}

function ajvWith(options: Options): Ajv {
  const ajv = new Ajv({ ...OPTIONS, ...options });
  formats.default(ajv, ['date-time', 'email', 'ipv4', 'ipv6']);
  // Ajv's own `enum` compares with all values in turn, and a permission catalogue may have hundreds.
  ajv.removeKeyword('enum');
  return ajv.addKeyword({
    keyword: 'enum',
    schemaType: 'array',
    compile(allowed: readonly unknown[]) {
      const values = new Set(allowed);
      return (data: unknown) => values.has(data);
    },
  });
}

function isSmall(data: unknown): boolean {
  let left = SMALL_VALUES_MAX;
  const waiting = [data];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    left -= typeof value === 'string' ? 1 + value.length / LENGTH_OF_VALUE : 1;
    const inside: unknown[] = typeof value === 'object' && value !== null ? Object.values(value) : [];
    if (left < inside.length) return false;
    waiting.push(...inside);
  }
  return true;
}

function toError(validate: ValidateFunction, part: string): AppError {
  const errors = validate.errors ?? [];
  reportWork({ errors: errors.length });
  const told = errors.slice(0, DETAILS_MAX);
  const details = told.map((error) => toDetail(error, part));
  const isUnknown = told.every(({ keyword }) => keyword === 'additionalProperties');
  const first = details[0] ?? { field: part, message: 'is not valid' };
  const message = `${first.field} ${first.message}`;
  return new AppError(isUnknown ? 'FIELD_UNKNOWN' : 'VALIDATION_FAILED', { message, details });
}

function toDetail(error: ErrorObject, part: string): ErrorDetail {
  const path = fieldPath(error.instancePath);
  // A repeated parameter has no index in its name.
  const base = part === 'body' ? path : path.replaceAll(/\[\d+\]/g, '');
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

function messageOf({ keyword, params, schema, data, message }: ErrorObject): string {
  switch (keyword) {
    case 'required':
      return 'is required';
    case 'additionalProperties':
      return 'is not a field of this call';
    case 'type':
      return `must be ${[params.type].flat().join(' or ')}`;
    case 'enum': {
      const allowed = schema as unknown[];
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
  const text = redactSecrets(value.slice(0, REDACTED_LENGTH_MAX));
  if (text.length <= ECHO_LENGTH_MAX) return text;
  // Cut by code points, so that no lone surrogate remains; a code point has at most two code units.
  return `${[...text.slice(0, 2 * ECHO_LENGTH_MAX)].slice(0, ECHO_LENGTH_MAX).join('')}…`;
}

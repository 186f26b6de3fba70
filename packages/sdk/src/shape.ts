/** The JSON Schema keywords that the contract uses to describe responses. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, object>>;
  readonly items?: object;
}

/**
 * Does the value have the types and required fields of the JSON Schema, at every depth? Accepts unknown fields and unknown
 * `enum` values, because the service may be newer than this client.
 */
export function hasShape(schema: object, value: unknown): boolean {
  const { type, const: only, items = {}, required = [], properties = {} }: Schema = schema;
  if (only !== undefined && only !== value) return false;
  if (type !== undefined && ![type].flat().some((name) => isOfType(name, value))) return false;
  if (Array.isArray(value)) return value.every((item) => hasShape(items, item));
  return !isObject(value) || hasFields(required, properties, value);
}

function hasFields(required: readonly string[], properties: Record<string, object>, value: object): boolean {
  const fields = new Map<string, unknown>(Object.entries(value));
  const isComplete = required.every((name) => fields.has(name));
  return (
    isComplete &&
    Object.entries(properties).every(
      ([name, schema]) => !fields.has(name) || hasShape(schema, fields.get(name)),
    )
  );
}

function isOfType(type: string, value: unknown): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isObject(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/**
 * Returns a plain copy in which each schema with a title is replaced by a `$ref`, and adds the schema to `components`.
 * There, the default of a field moves into its description, because client generators treat a field with a default in a
 * shared schema as always present and require it in requests.
 */
export function named(schema: object, components: JsonObject): JsonObject {
  return refer(plain(schema), components) as JsonObject;
}

export function plain(schema: object): JsonObject {
  return JSON.parse(JSON.stringify(schema)) as JsonObject;
}

function refer(node: Json, components: JsonObject): Json {
  if (Array.isArray(node)) return node.map((item) => refer(item, components));
  if (!isObject(node)) return node;
  const { title, ...keywords } = node;
  if (typeof title !== 'string') return referAll(node, components);
  components[title] = withoutDefaults(referAll(keywords, components));
  return { $ref: `#/components/schemas/${title}` };
}

function referAll(node: JsonObject, components: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(node).map(([keyword, value]) => [keyword, refer(value, components)]),
  );
}

function withoutDefaults(schema: JsonObject): JsonObject {
  const { properties } = schema;
  if (!isObject(properties)) return schema;
  const fields = Object.entries(properties).map(([name, field]) => [name, defaultInWords(field)]);
  return { ...schema, properties: Object.fromEntries(fields) as JsonObject };
}

function defaultInWords(field: Json): Json {
  if (!isObject(field) || !('default' in field)) return field;
  const { default: value, description = '', ...rest } = field;
  const words = `Default: ${JSON.stringify(value)}.`;
  return { ...rest, description: `${String(description)} ${words}`.trim() };
}

export function isObject(node: Json | undefined): node is JsonObject {
  return typeof node === 'object' && node !== null && !Array.isArray(node);
}

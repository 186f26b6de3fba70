import { BUILT_IN_CATALOGUE, catalogueOf, openApiDocument } from '@latchkey/contract';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { describe, expect, test } from 'vitest';

interface Media {
  readonly example?: unknown;
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly example?: unknown }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, { readonly content: Readonly<Record<string, Media>> }>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, { readonly properties?: Readonly<Record<string, object>> }>>;
  };
}

const OTHER_CATALOGUE = catalogueOf([
  { id: 'invoices:read', resource: 'invoices', action: 'read', title: 'Read invoices' },
]);
const CATALOGUES = [
  ['the built-in permissions', BUILT_IN_CATALOGUE],
  ['other permissions', OTHER_CATALOGUE],
] as const;

/** Every place of an example: its JSON pointer in the document, and the example. */
function examples({ paths }: Document): { pointer: string; example: unknown }[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { requestBody, responses }]) => {
      const at = `/paths/${escaped(path)}/${method}`;
      const successes = Object.entries(responses).filter(([status]) => status.startsWith('2'));
      return [
        ...Object.entries(requestBody?.content ?? {}).map(([type, { example }]) => ({
          pointer: `${at}/requestBody/content/${escaped(type)}/schema`,
          example,
        })),
        ...successes.flatMap(([status, { content }]) =>
          Object.entries(content).map(([type, { example }]) => ({
            pointer: `${at}/responses/${status}/content/${escaped(type)}/schema`,
            example,
          })),
        ),
      ];
    }),
  );
}

function escaped(segment: string): string {
  return encodeURIComponent(segment.replaceAll('~', '~0').replaceAll('/', '~1'));
}

describe.each(CATALOGUES)('the API document of a service with %s', (_name, catalogue) => {
  const document = openApiDocument(catalogue) as unknown as Document;

  test('has an example for every body, answer and parameter of a path, which the schema allows', () => {
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    formats.default(ajv);
    ajv.addSchema(document, 'openapi');
    for (const { pointer, example } of examples(document)) {
      const validate = ajv.compile({ $ref: `openapi#${pointer}` });
      validate(example);
      expect({ pointer, example, errors: validate.errors }).toEqual({ pointer, example, errors: null });
    }
    const inPaths = Object.values(document.paths)
      .flatMap((methods) => Object.values(methods))
      .flatMap(({ parameters = [] }) => parameters.filter((parameter) => parameter.in === 'path'));
    expect(inPaths.filter(({ example }) => example === undefined)).toEqual([]);
  });

  test('gives no field of a shared schema a default, for which generators would require it in requests', () => {
    const fields = Object.entries(document.components.schemas).flatMap(([title, { properties = {} }]) =>
      Object.entries(properties).map(([name, schema]) => ({ name: `${title}.${name}`, schema })),
    );
    expect(fields.filter(({ schema }) => 'default' in schema).map(({ name }) => name)).toEqual([]);
  });
});

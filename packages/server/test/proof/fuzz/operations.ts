import { openApiDocument } from '@latchkey/contract';

type Schema = Record<string, unknown>;

/** One operation of the published document. */
export interface Operation {
  readonly id: string;
  readonly method: string;
  /** With parameters in braces. */
  readonly path: string;
  /** Whole schemas, to be read without the rest of the document; null: the operation has none. */
  readonly body: Schema | null;
  readonly query: Schema | null;
  /** The names of the headers that the operation takes, in lower case. */
  readonly headers: readonly string[];
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema: Schema;
}

interface PublishedOperation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Schema } } };
}

interface PublishedDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, PublishedOperation>>>>;
  readonly components: Schema;
}

function operationsOf({ paths, components }: PublishedDocument): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, parameters = [], requestBody }]) => {
      const body = requestBody?.content['application/json'].schema;
      const query = parameters.filter((parameter) => parameter.in === 'query');
      return {
        id: operationId,
        method: method.toUpperCase(),
        path,
        body: body ? { ...body, components } : null,
        query: query.length > 0 ? { ...objectOf(query), components } : null,
        headers: parameters.flatMap(({ in: place, name }) =>
          place === 'header' ? [name.toLowerCase()] : [],
        ),
      };
    }),
  );
}

function objectOf(parameters: readonly Parameter[]): Schema {
  return {
    type: 'object',
    properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema])),
  };
}

export const OPERATIONS: readonly Operation[] = operationsOf(
  openApiDocument() as unknown as PublishedDocument,
);

import { BUILT_IN_CATALOGUE, type Catalogue } from '../catalogue.ts';
import { needsAccount, needsCredential, takesSession } from '../endpoints/access.ts';
import {
  type Endpoint,
  errorsOf,
  querySchemaOf,
  STREAM_MEDIA_TYPE,
  TAGS,
  WORKSPACE_HEADER,
} from '../endpoints/endpoint.ts';
import { inCatalogue } from '../endpoints/in-catalogue.ts';
import { ENDPOINTS } from '../endpoints/table.ts';
import { ERRORS, type ErrorCode } from '../errors.ts';
import { FAILURE_EXAMPLE, Failure, Problem, Success } from '../schemas/envelope.ts';
import { SESSION_COOKIE } from '../schemas/primitives.ts';
import { bodyExample, exampleOf, parameterExample } from './examples.ts';
import { type JsonObject, named, plain } from './named-schemas.ts';

const VERSION = '2.0.0';

const DESCRIPTION = `Issues, checks and revokes API keys.

Send \`Authorization: Bearer <key>\` with every call. The result is in \`data.result\`. If a call fails, branch on
\`data.error.code\`; \`requestId\` identifies the call in the logs of the service:

\`\`\`json
${JSON.stringify(FAILURE_EXAMPLE, null, 2)}
\`\`\``;

/** The OpenAPI 3.1 document of the whole service, derived only from the endpoint table and the catalogue. */
export function openApiDocument(catalogue: Catalogue = BUILT_IN_CATALOGUE): JsonObject {
  const components: JsonObject = {};
  const paths: Record<string, JsonObject> = {};
  for (const endpoint of ENDPOINTS.map((one) => inCatalogue(one, catalogue))) {
    paths[endpoint.path] = {
      ...paths[endpoint.path],
      [endpoint.method.toLowerCase()]: operation(endpoint, catalogue, components),
    };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Latchkey',
      version: VERSION,
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'This server' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: components,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An API key of the workspace.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: SESSION_COOKIE,
          description:
            'The session of a signed-in person. Calls that change data also need the Origin header of the service.',
        },
      },
    },
  };
}

function operation(endpoint: Endpoint, catalogue: Catalogue, components: JsonObject): JsonObject {
  const parameters = [
    ...pathParameters(endpoint),
    ...queryParameters(endpoint, components),
    ...headerParameters(endpoint),
  ];
  return {
    operationId: endpoint.id,
    tags: [endpoint.tag],
    summary: endpoint.summary,
    description: describe(endpoint),
    security: security(endpoint),
    ...(parameters.length > 0 && { parameters }),
    ...(endpoint.body && {
      requestBody: {
        required: !endpoint.bodyOptional,
        content: {
          'application/json': {
            schema: named(endpoint.body, components),
            example: bodyExample(endpoint, catalogue),
          },
        },
      },
    }),
    responses: { [endpoint.status]: success(endpoint, components), ...failures(endpoint, components) },
  };
}

function security(endpoint: Endpoint): JsonObject[] {
  if (endpoint.accountOptional) return [{}, { bearer: [] }, { session: [] }];
  if (!needsCredential(endpoint)) return [];
  return [{ bearer: [] }, ...(takesSession(endpoint) ? [{ session: [] }] : [])];
}

function describe(endpoint: Endpoint): string {
  const { access } = endpoint;
  const needs =
    access.permission === null
      ? `Needs no permission: ${access.because}.`
      : `Needs \`${access.permission}\`.`;
  return endpoint.description ? `${endpoint.description}\n\n${needs}` : needs;
}

function pathParameters(endpoint: Endpoint): JsonObject[] {
  return properties(endpoint.params).map(([name, schema]) => ({
    name,
    in: 'path',
    required: true,
    schema: plain(schema),
    example: parameterExample(name, endpoint),
  }));
}

function queryParameters(endpoint: Endpoint, components: JsonObject): JsonObject[] {
  return properties(querySchemaOf(endpoint)).map(([name, schema]) => ({
    name,
    in: 'query',
    schema: named(schema, components),
  }));
}

function headerParameters(endpoint: Endpoint): JsonObject[] {
  const parameters: JsonObject[] = [];
  if (takesSession(endpoint) && !needsAccount(endpoint)) {
    parameters.push(
      header(
        WORKSPACE_HEADER,
        'The id of the workspace in which an identity provider token acts, if its claims name none. Any other credential belongs to one workspace; another id is denied.',
      ),
    );
  }
  if (endpoint.idempotent) {
    parameters.push(
      header(
        'Idempotency-Key',
        'Repeating the call with the same value within 24 hours changes nothing and returns the same response. A secret is part of the repeated response for ten minutes. 422 if another request used the same value.',
      ),
    );
  }
  if (endpoint.versioned && endpoint.method !== 'GET') {
    parameters.push(
      header(
        'If-Match',
        'The ETag of the version to change, a list of ETags, or `*`. 412 if none of them matches the current version.',
      ),
    );
  }
  return parameters;
}

function header(name: string, description: string): JsonObject {
  return { name, in: 'header', description, schema: { type: 'string', minLength: 1, maxLength: 255 } };
}

function success(endpoint: Endpoint, components: JsonObject): JsonObject {
  return {
    description: endpoint.summary,
    headers: answerHeaders(endpoint),
    content: endpoint.streamed ? stream(endpoint, components) : answer(endpoint, components),
  };
}

function answer(endpoint: Endpoint, components: JsonObject): JsonObject {
  const schema = named(Success(endpoint.result), components);
  const example = { success: true, data: { message: 'Done', result: exampleOf(endpoint.result) } };
  return { 'application/json': { schema, example } };
}

/** Declares a stream as binary text, so that clients do not parse it as one object; `contentSchema` describes a line. */
function stream(endpoint: Endpoint, components: JsonObject): JsonObject {
  const schema = {
    type: 'string',
    format: 'binary',
    description: 'One JSON object per line, as described by `contentSchema`.',
    contentMediaType: STREAM_MEDIA_TYPE,
    contentSchema: named(endpoint.result, components),
  };
  return { [STREAM_MEDIA_TYPE]: { schema, example: `${JSON.stringify(exampleOf(endpoint.result))}\n` } };
}

const text = (description: string): JsonObject => ({ description, schema: { type: 'string' } });

function answerHeaders(endpoint: Endpoint): JsonObject {
  return {
    'X-Request-Id': text('The id of this request, as in the logs of the service.'),
    ...(endpoint.status === 201 && { Location: text('The path of the new object.') }),
    ...(endpoint.signsIn && { 'Set-Cookie': text('The session token.') }),
    ...(endpoint.versioned && { ETag: text('The version of the object.') }),
    ...(endpoint.idempotent && {
      'Idempotency-Replayed': text('`true` if this repeats an earlier response.'),
    }),
  };
}

function failures(endpoint: Endpoint, components: JsonObject): JsonObject {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of errorsOf(endpoint)) {
    const { status } = ERRORS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const entries = [...byStatus]
    .sort(([a], [b]) => a - b)
    .map(([status, codes]) => [status, failure(codes, components)]);
  return Object.fromEntries(entries) as JsonObject;
}

function failure(codes: readonly ErrorCode[], components: JsonObject): JsonObject {
  return {
    description: codes.map((code) => `\`${code}\`: ${escaped(ERRORS[code].message)}`).join('\n\n'),
    content: {
      'application/json': { schema: named(Failure, components) },
      'application/problem+json': { schema: named(Problem, components) },
    },
  };
}

/** Escapes `<`, so that Markdown does not treat it as an HTML tag. */
function escaped(message: string): string {
  return message.replaceAll('<', '\\<');
}

function properties(schema: Endpoint['query']): [string, object][] {
  return Object.entries(schema?.properties ?? {});
}

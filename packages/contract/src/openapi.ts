import { BUILT_IN_CATALOGUE, type Catalogue } from './catalogue.ts';
import {
  type Endpoint,
  errorsOf,
  needsAccount,
  needsCredential,
  querySchemaOf,
  STREAM_MEDIA_TYPE,
  TAGS,
  takesSession,
  WORKSPACE_HEADER,
} from './endpoints/endpoint.ts';
import { inCatalogue } from './endpoints/in-catalogue.ts';
import { ENDPOINTS } from './endpoints/table.ts';
import { ERRORS, type ErrorCode } from './errors.ts';
import { Failure, Problem, Success } from './schemas/envelope.ts';
import { SESSION_COOKIE } from './schemas/session-cookie.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

const VERSION = '2.0.0';

/** The OpenAPI 3.1 document of the whole service, derived from the endpoint table and the catalogue and nothing else. */
export function openApiDocument(catalogue: Catalogue = BUILT_IN_CATALOGUE): JsonObject {
  const components: JsonObject = {};
  const paths: Record<string, JsonObject> = {};
  for (const endpoint of ENDPOINTS.map((one) => inCatalogue(one, catalogue))) {
    paths[endpoint.path] = {
      ...paths[endpoint.path],
      [endpoint.method.toLowerCase()]: operation(endpoint, components),
    };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Latchkey',
      version: VERSION,
      description: 'Issues, checks and revokes API keys.',
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
          description: 'Somebody signed in. Calls that change something also need the Origin of the service.',
        },
      },
    },
  };
}

function operation(endpoint: Endpoint, components: JsonObject): JsonObject {
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
        content: { 'application/json': { schema: named(endpoint.body, components) } },
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
        'The id of the workspace in which a token acts whose claims name none. Any other credential has one workspace, and is refused for another.',
      ),
    );
  }
  if (endpoint.idempotent) {
    parameters.push(
      header(
        'Idempotency-Key',
        'Repeating the call with the same value within 24 hours makes nothing new and answers the same. A secret in the answer is repeated for ten minutes. 422 for another request with the same value.',
      ),
    );
  }
  if (endpoint.versioned && endpoint.method !== 'GET') {
    parameters.push(
      header(
        'If-Match',
        'The ETag of the version that the change is meant for, or a list of them, or `*`; 412 when the present one is not among them.',
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
    content: endpoint.streamed
      ? { [STREAM_MEDIA_TYPE]: { schema: named(endpoint.result, components) } }
      : { 'application/json': { schema: named(Success(endpoint.result), components) } },
  };
}

const text = (description: string): JsonObject => ({ description, schema: { type: 'string' } });

function answerHeaders(endpoint: Endpoint): JsonObject {
  return {
    'X-Request-Id': text('The id of this request, also in the logs of the service.'),
    ...(endpoint.status === 201 && { Location: text('Where the new object is.') }),
    ...(endpoint.signsIn && { 'Set-Cookie': text('The token of the session.') }),
    ...(endpoint.versioned && { ETag: text('The version of the object.') }),
    ...(endpoint.idempotent && {
      'Idempotency-Replayed': text('`true` when an earlier answer is repeated.'),
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
    description: codes.map((code) => `\`${code}\`: ${ERRORS[code].message}`).join('\n\n'),
    content: {
      'application/json': { schema: named(Failure, components) },
      'application/problem+json': { schema: named(Problem, components) },
    },
  };
}

function properties(schema: Endpoint['query']): [string, object][] {
  return Object.entries(schema?.properties ?? {});
}

function plain(schema: object): JsonObject {
  return JSON.parse(JSON.stringify(schema)) as JsonObject;
}

/** A plain copy in which every schema with a title stands once, in `components`, and is referred to. */
function named(schema: object, components: JsonObject): JsonObject {
  return refer(plain(schema), components) as JsonObject;
}

function refer(node: Json, components: JsonObject): Json {
  if (Array.isArray(node)) return node.map((item) => refer(item, components));
  if (node === null || typeof node !== 'object') return node;
  const { title } = node;
  const isNamed = typeof title === 'string';
  const keywords = Object.entries(node).filter(([keyword]) => !isNamed || keyword !== 'title');
  const body = Object.fromEntries(keywords.map(([keyword, value]) => [keyword, refer(value, components)]));
  if (!isNamed) return body;
  components[title] = body;
  return { $ref: `#/components/schemas/${title}` };
}

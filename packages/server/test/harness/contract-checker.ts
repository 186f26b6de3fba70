import {
  BUILT_IN_CATALOGUE,
  type Catalogue,
  ENDPOINTS,
  type Endpoint,
  Failure,
  FORWARD_AUTH_PATH,
  openApiDocument,
  Problem,
  STREAM_MEDIA_TYPE,
} from '@latchkey/contract';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

export interface CheckedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

const DOCUMENT = 'openapi';
const { failure, problem } = failures();
/** Paths with fewer parameters first, as the service looks for them. */
const templates = [...ENDPOINTS]
  .sort((a, b) => a.path.split('{').length - b.path.split('{').length)
  .map((endpoint) => ({
    endpoint,
    pattern: new RegExp(`^${endpoint.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  }));

/** The document that a service publishes, and its schemas as far as they were asked for. */
interface Published {
  readonly paths: Record<string, Record<string, { responses: object }>>;
  readonly ajv: Ajv2020;
  readonly successes: Map<Endpoint, ValidateFunction>;
}

const published = new WeakMap<Catalogue, Published>();

/**
 * The differences between a response and the published OpenAPI document, as sentences; empty when it matches. Every response
 * in every test is checked with this.
 */
export function contractViolations(
  method: string,
  url: string,
  answer: CheckedAnswer,
  catalogue: Catalogue = BUILT_IN_CATALOGUE,
): string[] {
  const endpoint = endpointAt(method, url);
  const document = publishedFor(catalogue);
  const ofBody = isForGateway(url, answer)
    ? emptinessViolations(answer)
    : bodyViolations(document, method, endpoint, answer);
  return [...headerViolations(answer), ...ofBody];
}

/** Answers of forward auth, which is not an operation of the document, have no body, but for denials to gateways that pass them on. */
function isForGateway(url: string, { status }: CheckedAnswer): boolean {
  return url.startsWith(FORWARD_AUTH_PATH) && (status < 400 || url.includes('deny=403'));
}

function emptinessViolations({ headers, body }: CheckedAnswer): string[] {
  return headers['content-length'] === '0' && !body ? [] : ['an answer for a gateway with a body'];
}

function publishedFor(catalogue: Catalogue): Published {
  const known = published.get(catalogue);
  if (known) return known;
  const document = openApiDocument(catalogue) as Pick<Published, 'paths'>;
  const made = { paths: document.paths, ajv: newAjv().addSchema(document, DOCUMENT), successes: new Map() };
  published.set(catalogue, made);
  return made;
}

function failures() {
  const ajv = newAjv();
  return { failure: ajv.compile(Failure), problem: ajv.compile(Problem) };
}

function newAjv(): Ajv2020 {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  return ajv;
}

export function endpointAt(method: string, url: string): Endpoint | undefined {
  const path = url.split('?', 1)[0] ?? url;
  const wanted = method === 'HEAD' ? 'GET' : method;
  return templates.find(({ endpoint, pattern }) => endpoint.method === wanted && pattern.test(path))
    ?.endpoint;
}

function headerViolations({ status, headers }: CheckedAnswer): string[] {
  const violations: string[] = [];
  if (!/^req_[0-9a-z]{26}$/.test(String(headers['x-request-id']))) violations.push('no X-Request-Id');
  if (headers['cache-control'] !== 'no-store') violations.push('no Cache-Control: no-store');
  if (status === 401 && !headers['www-authenticate']) violations.push('401 without WWW-Authenticate');
  if (status === 405 && !headers.allow) violations.push('405 without Allow');
  if ((status === 429 || status === 503) && !headers['retry-after'])
    violations.push(`${status} without Retry-After`);
  if (status === 201 && !headers.location) violations.push('201 without Location');
  return violations;
}

function bodyViolations(
  document: Published,
  method: string,
  endpoint: Endpoint | undefined,
  answer: CheckedAnswer,
): string[] {
  if (method === 'HEAD') return [];
  const type = String(answer.headers['content-type']);
  if (type === 'application/problem+json; charset=utf-8')
    return [...violationsOf(problem, answer.body), ...undeclared(document, endpoint, answer.status)];
  if (endpoint?.streamed && answer.status < 400)
    return streamViolations(document, endpoint, type, String(answer.body));
  if (type !== 'application/json; charset=utf-8') return [`media type ${type}`];
  if (answer.status >= 400)
    return [...violationsOf(failure, answer.body), ...undeclared(document, endpoint, answer.status)];
  if (!endpoint) return ['success at a path that the document does not have'];
  return [
    ...violationsOf(successOf(document, endpoint), answer.body),
    ...undeclared(document, endpoint, answer.status),
  ];
}

/** Streams are checked as text, not as JSON. */
export function isStream(headers: CheckedAnswer['headers']): boolean {
  return String(headers['content-type']).startsWith(STREAM_MEDIA_TYPE);
}

/** The lines that frame a stream are known by having one member only. */
function streamViolations(document: Published, endpoint: Endpoint, type: string, text: string): string[] {
  if (type !== `${STREAM_MEDIA_TYPE}; charset=utf-8`) return [`media type ${type}`];
  const lines = text.trimEnd().split('\n');
  const records = lines
    .map((line): object => JSON.parse(line))
    .filter((line) => Object.keys(line).length > 1);
  return records.flatMap((record) => violationsOf(successOf(document, endpoint), record));
}

/** A status that the document does not list for the operation. */
function undeclared(document: Published, endpoint: Endpoint | undefined, status: number): string[] {
  if (!endpoint) return [];
  const responses = document.paths[endpoint.path]?.[endpoint.method.toLowerCase()]?.responses ?? {};
  return String(status) in responses
    ? []
    : [`${endpoint.id} answers ${status}, which the document does not list`];
}

function successOf({ ajv, successes }: Published, endpoint: Endpoint): ValidateFunction {
  const known = successes.get(endpoint);
  if (known) return known;
  const path = endpoint.path
    .replaceAll('~', '~0')
    .replaceAll('/', '~1')
    .replaceAll('{', '%7B')
    .replaceAll('}', '%7D');
  const media = (endpoint.streamed ? STREAM_MEDIA_TYPE : 'application/json').replaceAll('/', '~1');
  const schema = endpoint.streamed ? 'schema/contentSchema' : 'schema';
  const pointer = `/paths/${path}/${endpoint.method.toLowerCase()}/responses/${endpoint.status}/content/${media}/${schema}`;
  const validate = ajv.compile({ $ref: `${DOCUMENT}#${pointer}` });
  successes.set(endpoint, validate);
  return validate;
}

function violationsOf(validate: ValidateFunction, body: unknown): string[] {
  if (validate(body)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

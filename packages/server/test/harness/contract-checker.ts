import {
  ENDPOINTS,
  type Endpoint,
  Failure,
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
const document = openApiDocument() as {
  readonly paths: Record<string, Record<string, { responses: object }>>;
};
const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv);
ajv.addSchema(document, DOCUMENT);
const failure = ajv.compile(Failure);
const problem = ajv.compile(Problem);
const successes = new Map<Endpoint, ValidateFunction>();
/** Fixed paths before those with parameters, as the service looks for them. */
const templates = [...ENDPOINTS]
  .sort((a, b) => Number(a.path.includes('{')) - Number(b.path.includes('{')))
  .map((endpoint) => ({
    endpoint,
    pattern: new RegExp(`^${endpoint.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  }));

/**
 * What an answer has that the published document does not allow, in words; empty where it keeps the contract. Every answer
 * of every test goes through here.
 */
export function contractViolations(method: string, url: string, answer: CheckedAnswer): string[] {
  const endpoint = endpointAt(method, url);
  return [...headerViolations(answer), ...bodyViolations(method, endpoint, answer)];
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

function bodyViolations(method: string, endpoint: Endpoint | undefined, answer: CheckedAnswer): string[] {
  if (method === 'HEAD') return [];
  const type = String(answer.headers['content-type']);
  if (type === 'application/problem+json; charset=utf-8')
    return [...violationsOf(problem, answer.body), ...undeclared(endpoint, answer.status)];
  if (endpoint?.streamed && answer.status < 400) return streamViolations(endpoint, type, String(answer.body));
  if (type !== 'application/json; charset=utf-8') return [`media type ${type}`];
  if (answer.status >= 400)
    return [...violationsOf(failure, answer.body), ...undeclared(endpoint, answer.status)];
  if (!endpoint) return ['success at a path that the document does not have'];
  return [...violationsOf(successOf(endpoint), answer.body), ...undeclared(endpoint, answer.status)];
}

/** Streams are checked as text, not as JSON. */
export function isStream(headers: CheckedAnswer['headers']): boolean {
  return String(headers['content-type']).startsWith(STREAM_MEDIA_TYPE);
}

/** The lines that frame a stream are known by having one member only. */
function streamViolations(endpoint: Endpoint, type: string, text: string): string[] {
  if (type !== `${STREAM_MEDIA_TYPE}; charset=utf-8`) return [`media type ${type}`];
  const lines = text.trimEnd().split('\n');
  const records = lines
    .map((line): object => JSON.parse(line))
    .filter((line) => Object.keys(line).length > 1);
  return records.flatMap((record) => violationsOf(successOf(endpoint), record));
}

/** A status that the document does not list for the operation. */
function undeclared(endpoint: Endpoint | undefined, status: number): string[] {
  if (!endpoint) return [];
  const responses = document.paths[endpoint.path]?.[endpoint.method.toLowerCase()]?.responses ?? {};
  return String(status) in responses
    ? []
    : [`${endpoint.id} answers ${status}, which the document does not list`];
}

function successOf(endpoint: Endpoint): ValidateFunction {
  const known = successes.get(endpoint);
  if (known) return known;
  const path = endpoint.path
    .replaceAll('~', '~0')
    .replaceAll('/', '~1')
    .replaceAll('{', '%7B')
    .replaceAll('}', '%7D');
  const media = (endpoint.streamed ? STREAM_MEDIA_TYPE : 'application/json').replaceAll('/', '~1');
  const pointer = `/paths/${path}/${endpoint.method.toLowerCase()}/responses/${endpoint.status}/content/${media}/schema`;
  const validate = ajv.compile({ $ref: `${DOCUMENT}#${pointer}` });
  successes.set(endpoint, validate);
  return validate;
}

function violationsOf(validate: ValidateFunction, body: unknown): string[] {
  if (validate(body)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

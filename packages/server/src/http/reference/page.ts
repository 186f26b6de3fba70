import { type Endpoint, ERRORS, errorsOf, needsCredential, TAGS } from '@latchkey/contract';
import { escapeHtml } from '../escape-html.ts';

/** As much of JSON Schema as the reference shows. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
}

const LISTED_VALUES_MAX = 8;

/** The readable reference: one page without scripts, made from the endpoint table. */
export function referencePage(endpoints: readonly Endpoint[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Latchkey API reference</title>
<link rel="stylesheet" href="/docs/style.css">
</head>
<body>
<header>
<h1>Latchkey API</h1>
<p>Send <code>Authorization: Bearer &lt;key&gt;</code> with every call. Every answer has <code>success</code> and <code>data.message</code>;
what you asked for is in <code>data.result</code>, what went wrong in <code>data.error.code</code>.
For programs: <a href="/openapi.json">openapi.json</a>.</p>
</header>
<nav aria-label="Endpoints"><ul>${endpoints.map(contentsLine).join('')}</ul></nav>
<main>${Object.entries(TAGS)
    .map(([tag, description]) => section(tag, description, endpoints))
    .join('')}</main>
</body>
</html>
`;
}

function contentsLine({ id, method, path }: Endpoint): string {
  return `<li><a href="#${id}">${badge(method)}${escapeHtml(path)}</a></li>`;
}

function section(tag: string, description: string, endpoints: readonly Endpoint[]): string {
  const articles = endpoints.filter((endpoint) => endpoint.tag === tag).map(article);
  return `<h2>${escapeHtml(tag)}</h2><p>${escapeHtml(description)}</p>${articles.join('')}`;
}

function article(endpoint: Endpoint): string {
  const { id, method, path, summary, description = '' } = endpoint;
  return `<article id="${id}"><h3>${badge(method)}<code>${escapeHtml(path)}</code></h3>
<p><strong>${escapeHtml(summary)}.</strong> ${prose(description)} ${access(endpoint)}</p>
${fields('In the path', endpoint.params)}${fields('Query', endpoint.query)}${fields('Body', endpoint.body)}
${fields(`Answer ${endpoint.status}: data.result`, endpoint.result)}${failures(endpoint)}</article>`;
}

function access(endpoint: Endpoint): string {
  if (!needsCredential(endpoint)) return 'Needs no credential.';
  const { access } = endpoint;
  return access.permission === null
    ? `Needs no permission: ${escapeHtml(access.because)}.`
    : `Needs <code>${access.permission}</code>.`;
}

function fields(heading: string, schema: Schema | undefined): string {
  const rows = Object.entries(schema?.properties ?? {}).flatMap(([name, field]) =>
    fieldRows(name, field, schema),
  );
  if (rows.length === 0) return '';
  return `<h4>${escapeHtml(heading)}</h4><div class="scroll"><table><thead><tr><th>Field</th><th>Type</th><th>Meaning</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

/** One row for the field, and one for each field of an object inside it that has no name of its own elsewhere. */
function fieldRows(name: string, field: Schema, parent: Schema | undefined): string[] {
  const required = parent?.required?.includes(name) ? ' <span class="required">required</span>' : '';
  const row = `<tr><td><code>${escapeHtml(name)}</code>${required}</td><td>${escapeHtml(typeName(field))}</td><td>${meaning(field)}</td></tr>`;
  const inner = field.items ?? field;
  const prefix = field.items ? `${name}[].` : `${name}.`;
  const nested = Object.entries(inner.properties ?? {}).flatMap(([key, value]) =>
    fieldRows(prefix + key, value, inner),
  );
  return [row, ...nested];
}

function typeName({ type, items, title }: Schema): string {
  if (items) return `${items.title ?? typeName(items)}[]`;
  return title && title !== 'ApiKey'
    ? `${title} (${[type].flat().join(' or ')})`
    : [type].flat().join(' or ');
}

function meaning(schema: Schema): string {
  const { description = '', minimum, maximum } = schema;
  const range = minimum !== undefined && maximum !== undefined ? `${minimum}–${maximum}.` : '';
  const fallback =
    schema.default === undefined ? '' : `Default <code>${escapeHtml(String(schema.default))}</code>.`;
  return [prose(description), values(schema.enum ?? schema.items?.enum), range, fallback]
    .filter(Boolean)
    .join(' ');
}

function values(allowed: readonly string[] | undefined): string {
  if (!allowed) return '';
  const list = allowed.map((value) => `<code>${escapeHtml(value)}</code>`).join(' ');
  return allowed.length <= LISTED_VALUES_MAX
    ? list
    : `<details><summary>${allowed.length} values</summary>${list}</details>`;
}

function failures(endpoint: Endpoint): string {
  const rows = errorsOf(endpoint)
    .sort((a, b) => ERRORS[a].status - ERRORS[b].status)
    .map(
      (code) =>
        `<tr><td>${ERRORS[code].status}</td><td><code>${code}</code></td><td>${escapeHtml(ERRORS[code].message)}</td></tr>`,
    );
  return `<details><summary>Failures</summary><div class="scroll"><table><tbody>${rows.join('')}</tbody></table></div></details>`;
}

function badge(method: string): string {
  return `<span class="method ${method}">${method}</span>`;
}

/** Text in which back quotes mark code. */
function prose(text: string): string {
  return escapeHtml(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}

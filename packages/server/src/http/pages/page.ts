import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { API_BASE } from '@latchkey/contract';
import helmet from 'helmet';
import { escapeHtml } from '../../domain/shared/html.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import { type Fields, type RawResponse, textResponse } from '../pipeline/raw-response.ts';
import { STYLE } from './style.ts';

/** A path for browsers and readers, which is not part of the API. It answers to GET and HEAD. */
export interface Page {
  readonly path: string;
  /** Rejects with the error to answer with. */
  readonly answer: (exchange: Exchange) => RawResponse | Promise<RawResponse>;
}

/** The content security policy of a page with a script: it allows only scripts of and calls to this service. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const NONE = ["'none'"];

/** The security fields of an answer for browsers. Its policy allows styles alone; a page with a script replaces it. */
const SECURITY_FIELDS: Fields = fieldsOf(
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: NONE,
        styleSrc: ["'self'"],
        baseUri: NONE,
        formAction: NONE,
        frameAncestors: NONE,
      },
    },
    frameguard: { action: 'deny' },
  }),
);

/** The header fields that a middleware sets for every answer. */
function fieldsOf(middleware: ReturnType<typeof helmet>): Fields {
  const fields: Record<string, string> = {};
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  response.setHeader = (name, value) => {
    fields[name] = String(value);
    return response;
  };
  middleware(response.req, response, () => {});
  return fields;
}

/** The fields that a failure needs at this URL. An answer of the API has none, since it is never shown as a page. */
export function securityFieldsAt(url: string): Fields {
  return url.startsWith(API_BASE) ? {} : SECURITY_FIELDS;
}

/** An answer for browsers. `fields` win over the security fields. */
export function pageResponse(
  status: number,
  content: string | Buffer,
  requestId: string,
  fields: Fields,
): RawResponse {
  return textResponse(status, content, requestId, { ...SECURITY_FIELDS, ...fields });
}

/** A page whose content never changes. */
export function fixedPage(path: string, type: string, content: string, fields: Fields = {}): Page {
  const more = { 'Content-Type': `${type}; charset=utf-8`, ...fields };
  return { path, answer: ({ requestId }) => pageResponse(200, content, requestId, more) };
}

const STYLE_PATH = '/page.css';

/** The style that all pages share. */
export const STYLE_PAGE: Page = fixedPage(STYLE_PATH, 'text/css', STYLE);

/** A page of the service. `main` is HTML; `data` has the values that the script reads from `document.body.dataset`. */
export interface PageParts {
  readonly title: string;
  readonly main: string;
  readonly scriptPath?: string;
  readonly data?: Readonly<Record<string, string>>;
}

/** The HTML of a page: the header and the card that all pages share, with its title and content. */
export function layout({ title, main, scriptPath, data = {} }: PageParts): string {
  const attributes = Object.entries(data).map(([name, value]) => ` data-${name}="${escapeHtml(value)}"`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · Latchkey</title>
<link rel="stylesheet" href="${STYLE_PATH}">
${scriptPath ? `<script src="${scriptPath}" defer></script>\n` : ''}</head>
<body${attributes.join('')}>
<header>${KEY}Latchkey</header>
<main>
<h1 id="title" tabindex="-1">${escapeHtml(title)}</h1>
${scriptPath ? '<noscript><p>This page needs JavaScript. Turn it on and load the page again.</p></noscript>\n' : ''}${main}
</main>
</body>
</html>
`;
}

/** A drawing of a key. */
const KEY = `<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" aria-hidden="true"><circle cx="7.5" cy="12" r="4.5"/><path d="M12 12h10m-3 0v4m-4-4v3"/></svg>`;

/** A page at a path, and its script. Public: the page has no data, its script loads all with the session. */
export function scriptedPage(path: string, parts: Omit<PageParts, 'scriptPath'>, script: string): Page[] {
  const scriptPath = `${path}/script.js`;
  const policy = { 'Content-Security-Policy': PAGE_POLICY };
  return [
    fixedPage(path, 'text/html', layout({ ...parts, scriptPath }), policy),
    fixedPage(scriptPath, 'text/javascript', SHARED_SCRIPT + script),
  ];
}

/** The beginning of the script of each page. It inserts no HTML, and needs no build. */
const SHARED_SCRIPT = `'use strict';
const at = (id) => document.getElementById(id);
let shown;

/** Shows one view of the page, with its title, and the text of a problem if there is one. */
function show(view, problem = '') {
  for (const part of document.querySelectorAll('[data-view]')) {
    part.hidden = part.dataset.view !== view;
    if (!part.hidden) at('title').textContent = part.dataset.title;
  }
  document.title = at('title').textContent + ' · Latchkey';
  at('problem').textContent = problem;
  at('problem').hidden = problem === '';
  // The control that had the focus is hidden now. Readers of the screen continue at the title of the new view.
  if (shown !== undefined && shown !== view) at('title').focus();
  shown = view;
}

/** Resolves with the result of the call; rejects with a message for the reader, and the status if there is one. */
async function call(method, path, body) {
  const options = body && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
  const answer = await fetch(path, { method, ...options }).catch(() => null);
  const json = answer && (await answer.json().catch(() => null));
  if (!json) throw Object.assign(new Error('The service does not answer. Try again in a moment.'), { retryable: true });
  if (json.success) return json.data.result;
  const { details, retryable } = json.data.error;
  const texts = new Set([json.data.message, ...details.map(({ field, message }) => field + ' ' + message)]);
  throw Object.assign(new Error([...texts].join('; ') + '.'), { status: answer.status, retryable });
}

/** Disables a button while its work runs. */
async function act(button, work) {
  button.disabled = true;
  await work().finally(() => {
    button.disabled = false;
  });
}

`;

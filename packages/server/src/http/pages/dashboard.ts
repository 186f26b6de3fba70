import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { AppError } from '../../domain/shared/app-error.ts';
import { escapeHtml } from '../../domain/shared/text/html.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import type { Fields, RawResponse } from '../pipeline/raw-response.ts';
import { type Page, pageResponse } from './page.ts';
import { ACCEPT_PATH, SIGN_IN_PATH } from './urls.ts';

/**
 * The content security policy of the dashboard: only scripts, styles, fonts and images of, and calls to this service. No
 * script can turn text into code or into HTML, since no trusted type can be made.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** The paths of the screens. Each is answered with the same page, whose script shows the screen. */
const SCREENS = [
  SIGN_IN_PATH,
  ACCEPT_PATH,
  '/keys',
  '/keys/*',
  '/members',
  '/members/*',
  '/roles',
  '/roles/*',
  '/audit',
  '/usage',
  '/settings',
  '/system',
  '/account/*',
];

/** Former paths. Browsers keep the fragment (#) of a URL, which has the token of an invitation, over a redirect. */
const MOVED: Readonly<Record<string, string>> = {
  '/': '/keys',
  '/accept-invitation': ACCEPT_PATH,
  '/create-key': '/keys/new',
};

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** The name of a file below this path has a hash of its content, so browsers keep it. */
const ASSETS = '/assets/';
const IMMUTABLE = 'public, max-age=31536000, immutable';

/** The ways to sign in, besides links that are created with a key. */
export interface SignInWays {
  readonly hasProvider: boolean;
  readonly hasMail: boolean;
}

/** The dashboard for the ways to sign in that a service has. */
export interface Dashboard {
  /** The screens and their files. Public, since they have no data: the scripts load all with the session. */
  readonly pages: readonly Page[];
  /** The sign-in screen, with the reason why a sign-in at the provider failed. */
  signInProblem(requestId: string, problem: SignInProblem, fields: Fields): RawResponse;
}

interface SignInProblem {
  readonly status: number;
  /** For people, without a full stop. */
  readonly message: string;
}

export function buildDashboard({ hasProvider, hasMail }: SignInWays): Dashboard {
  const ways = [...(hasProvider ? ['provider'] : []), ...(hasMail ? ['mail'] : [])].join(' ');
  const html = once(() => fileOf('index.html').toString('utf8'));
  /** The script reads `data` from `document.body.dataset`, so that it needs no call for it. */
  const screen = (requestId: string, status: number, data: Fields, fields: Fields): RawResponse =>
    pageResponse(status, withData(html(), { 'sign-in-ways': ways, ...data }), requestId, {
      'Content-Type': TYPES['.html'] ?? '',
      'Content-Security-Policy': POLICY,
      ...fields,
    });
  const answer = ({ requestId }: Exchange) => screen(requestId, 200, {}, {});
  return {
    pages: [
      ...SCREENS.map((path) => ({ path, answer })),
      ...Object.entries(MOVED).map(([path, target]) => ({ path, answer: moved(target) })),
      ...[`${ASSETS}*`, '/icon.svg', '/color-scheme.js'].map((path) => ({ path, answer: asset })),
    ],
    signInProblem: (requestId, { status, message }, fields) =>
      screen(requestId, status, { 'sign-in-problem': message, 'request-id': requestId }, fields),
  };
}

function withData(html: string, data: Fields): string {
  const attributes = Object.entries(data).map(
    ([name, value]) => ` data-${name}="${escapeHtml(String(value))}"`,
  );
  return html.replace('<body>', () => `<body${attributes.join('')}>`);
}

function moved(location: string): Page['answer'] {
  return ({ requestId }) => pageResponse(303, '', requestId, { Location: location });
}

function asset({ request, requestId, url }: Exchange): RawResponse {
  const name = url.split('?')[0]?.slice(1) ?? '';
  const compressed = files().get(name);
  if (!compressed) throw new AppError('NOT_FOUND', { message: 'There is no such file' });
  const fields = {
    'Content-Type': TYPES[extname(name)] ?? 'application/octet-stream',
    'Cache-Control': `/${name}`.startsWith(ASSETS) ? IMMUTABLE : 'no-cache',
    Vary: 'Accept-Encoding',
  };
  const takesGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  if (!takesGzip) return pageResponse(200, gunzipSync(compressed), requestId, fields);
  return pageResponse(200, compressed, requestId, { ...fields, 'Content-Encoding': 'gzip' });
}

function fileOf(name: string): Buffer {
  const compressed = files().get(name);
  if (!compressed) throw new Error(`The dashboard has no ${name}: run "npm run build"`);
  return gunzipSync(compressed);
}

/** The built files by their path, each compressed with gzip; read at the first request, which keeps the start fast. */
const files = once((): ReadonlyMap<string, Buffer> => {
  const folder = FOLDERS.find((one) => existsSync(one));
  if (!folder) return new Map();
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const built = names.filter((name) => name.endsWith('.gz')).map((name) => name.replaceAll('\\', '/'));
  return new Map(built.map((name) => [name.slice(0, -'.gz'.length), readFileSync(new URL(name, folder))]));
});

/** Where the build puts the files: beside this file or, for tests that run from the sources, in the package of the dashboard. */
const FOLDERS = ['./dashboard/', '../../../../dashboard/dist/'].map((path) => new URL(path, import.meta.url));

function once<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

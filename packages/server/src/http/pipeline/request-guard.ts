import type { IncomingMessage } from 'node:http';
import { containsSecret, redactSecrets } from '@latchkey/contract';
import { AppError } from '../../domain/shared/app-error.ts';
import { percentDecoded } from '../../domain/shared/percent-encoding.ts';
import { RETURN_PATH } from '../pages/urls.ts';

const HEADERS_MAX = 100;
export const HEADER_BYTES_MAX = 16 * 1024;
const URL_LENGTH_MAX = 8 * 1024;

/** Headers that may be sent only once, since parsers differ in which of two they take. */
const SINGLE_HEADERS = ['authorization', 'host', 'content-type', 'content-length', 'idempotency-key'];

const NOT_VISIBLE_ASCII = /[^\x20-\x7e]/;
/** The accepted HTTP versions. Node's parser accepts more, whose rules the service does not follow. */
const VERSIONS: ReadonlySet<string> = new Set(['1.0', '1.1']);
const ABSOLUTE_FORM = /^https?:\/\/([^/?#]*)/i;
/** Names of query parameters in which clients send keys by mistake. */
const CREDENTIAL_PARAMETER = /^(?:api[-_]?key|access_token|authorization|bearer)$/i;
/** How often a URL is decoded in search of a key, since clients sometimes encode it twice. */
const DECODINGS = 2;

/**
 * Checks the request line and header fields of a request before all other code. It expects the target as sent. Throws
 * URL_TOO_LONG, HEADERS_TOO_LARGE, REQUEST_MALFORMED, CREDENTIALS_MALFORMED or CREDENTIALS_IN_URL.
 */
export function guardRequest(request: IncomingMessage, url: string): void {
  if (url.length > URL_LENGTH_MAX)
    throw new AppError('URL_TOO_LONG', { message: `A URL has at most ${URL_LENGTH_MAX} characters` });
  if (!VERSIONS.has(request.httpVersion)) throw malformed('Send the request as HTTP/1.1');
  inspectHeaders(request);
  inspectTarget(url, request.headers.host);
  if (!isReturn(url) && carriesCredential(url)) throw new AppError('CREDENTIALS_IN_URL');
  inspectEncoding(url);
}

function inspectHeaders(request: IncomingMessage): void {
  const names = request.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  if (names.length > HEADERS_MAX) {
    throw new AppError('HEADERS_TOO_LARGE', {
      message: `A request has at most ${HEADERS_MAX} header fields`,
    });
  }
  const twice = SINGLE_HEADERS.find((name) => names.indexOf(name) !== names.lastIndexOf(name));
  if (twice === 'authorization')
    throw new AppError('CREDENTIALS_MALFORMED', { message: 'Send one Authorization header' });
  if (twice !== undefined) throw malformed(`The header ${twice} was sent more than once; send it once`);
  if (request.httpVersion === '1.1' && !names.includes('host')) throw malformed('The Host header is missing');
  if (NOT_VISIBLE_ASCII.test(request.headers.authorization ?? '')) {
    throw new AppError('CREDENTIALS_MALFORMED', {
      message: 'The Authorization header must be visible ASCII',
    });
  }
}

/** RFC 9112, section 3.2.2: an absolute URL is a valid target, but it must name this server. */
function inspectTarget(url: string, host: string | undefined): void {
  const authority = ABSOLUTE_FORM.exec(url)?.[1];
  if (authority !== undefined && authority.toLowerCase() !== host?.toLowerCase()) {
    throw malformed('The request is meant for another host');
  }
}

function inspectEncoding(url: string): void {
  if (percentDecoded(url) === null) throw malformed('The URL has a broken percent-encoding');
}

/** The URL to which the identity provider returns. It contains a code for this service, which may look like a key. */
function isReturn(url: string): boolean {
  return url.startsWith(`${RETURN_PATH}?`);
}

/** The URL with secrets redacted, for the service log and the audit log. */
export function loggableUrl(url: string): string {
  if (isReturn(url)) return RETURN_PATH;
  if (carriesCredential(url)) return '[redacted]';
  // A secret may also be percent-encoded.
  const decoded = decodings(url).find((text) => redactSecrets(text) !== text);
  return decoded === undefined ? url : redactSecrets(decoded);
}

/** Does a URL contain a key or a parameter with the name of one? The URL may be malformed. */
function carriesCredential(url: string): boolean {
  return decodings(url).some(containsSecret) || namesCredential(url);
}

/** The URL as sent, and after each decoding. */
function decodings(url: string): string[] {
  const texts = [url];
  for (let text = url; texts.length <= DECODINGS && text.includes('%'); ) {
    text = text.replaceAll(/%([0-7][0-9a-f])/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
    texts.push(text);
  }
  return texts;
}

function namesCredential(url: string): boolean {
  const query = url.indexOf('?');
  if (query === -1) return false;
  return [...new URLSearchParams(url.slice(query)).keys()].some((name) => CREDENTIAL_PARAMETER.test(name));
}

function malformed(message: string): AppError {
  return new AppError('REQUEST_MALFORMED', { message });
}

/** The path and query of a target in absolute form; any other target unchanged. */
export function pathOfTarget(url: string): string {
  return url.replace(ABSOLUTE_FORM, '') || '/';
}

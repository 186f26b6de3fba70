import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { API_BASE } from '@latchkey/contract';
import helmet from 'helmet';
import type { Exchange } from '../pipeline/exchange.ts';
import { type Fields, type RawResponse, textResponse } from '../pipeline/raw-response.ts';

/** A path for browsers and readers, which is not part of the API. It answers to GET and HEAD. */
export interface Page {
  readonly path: string;
  /** Rejects with the error to answer with. */
  readonly answer: (exchange: Exchange) => RawResponse | Promise<RawResponse>;
}

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

import type { ServerResponse } from 'node:http';
import { ERRORS } from '@latchkey/contract';
import type { Failure } from '../../domain/shared/app-error.ts';
import { errorFields, failureBody } from './error-response.ts';
import { API_FIELDS } from './response-headers.ts';
import type { WrittenAnswer } from './route.ts';

/** An answer that is sent without the framework. */
export interface RawResponse {
  readonly requestId: string;
  readonly status: number;
  /** Header names and values, alternating. */
  readonly fields: string[];
  readonly body: RawBody;
}

/** JSON to send. A string must be ASCII, which Node sends in one write with the head; other text is encoded first. */
export type RawBody = string | Buffer;

type Fields = Readonly<Record<string, string>>;

const NOT_ASCII = /[\u0080-\uffff]/;
const STANDING = [...Object.entries(API_FIELDS).flat(), 'Content-Type', 'application/json; charset=utf-8'];

export function successBody(data: object): RawBody {
  return 'json' in data ? writtenBody(data as WrittenAnswer) : encode({ success: true, data });
}

/** The body of a successful answer. */
export function writtenBody({ json }: WrittenAnswer): string {
  return `{"success":true,"data":${json}}`;
}

export function failureResponse(failure: Failure, requestId: string, more: Fields): RawResponse {
  const { status } = ERRORS[failure.code];
  return rawResponse(status, encode(failureBody(failure, requestId)), requestId, {
    ...errorFields(failure),
    ...more,
  });
}

export function send(response: ServerResponse, { status, fields, body }: RawResponse): void {
  response.writeHead(status, fields).end(body, 'latin1');
}

/** An answer with header fields in addition to those of every answer. */
export function rawResponse(status: number, body: RawBody, requestId: string, more: Fields): RawResponse {
  const fields = [...STANDING, 'X-Request-Id', requestId, 'Content-Length', String(body.length)];
  for (const name in more) fields.push(name, more[name] ?? '');
  return { requestId, status, fields, body };
}

function encode(content: object): RawBody {
  const text = JSON.stringify(content);
  return NOT_ASCII.test(text) ? Buffer.from(text) : text;
}

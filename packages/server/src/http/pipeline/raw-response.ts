import type { ServerResponse } from 'node:http';
import { ERRORS } from '@latchkey/contract';
import type { Failure } from '../../domain/shared/app-error.ts';
import { errorContent, errorFields } from './error-response.ts';
import type { WrittenAnswer } from './route.ts';

/** An answer that is ready to be sent. */
export interface RawResponse {
  readonly requestId: string;
  readonly status: number;
  /** Header names and values, alternating. */
  readonly fields: string[];
  readonly body: RawBody;
}

/** A body to send. A string must be ASCII, which Node sends in one write with the head; other text is encoded first. */
export type RawBody = string | Buffer;

/** Header fields; a list is sent as one field for each value. */
export type Fields = Readonly<Record<string, string | readonly string[]>>;

/** Header fields of every answer of the API. HTML pages have more. */
export const API_FIELDS = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
} as const;

const NOT_ASCII = /[\u0080-\uffff]/;
const JSON_TYPE = 'application/json; charset=utf-8';
const EMPTY_FIELDS = fieldList(API_FIELDS);
const JSON_FIELDS = fieldList({ ...API_FIELDS, 'Content-Type': JSON_TYPE });

export function successBody(data: object): RawBody {
  return toBody(JSON.stringify({ success: true, data }));
}

/** The body of a successful answer. */
export function writtenBody({ json }: WrittenAnswer): string {
  return `{"success":true,"data":${json}}`;
}

/** The answer to a failed request, in the format that the Accept field prefers. `more` wins over the fields of the error. */
export function failureResponse(
  failure: Failure,
  requestId: string,
  accept: string | undefined,
  more: Fields,
): RawResponse {
  const { type, body } = errorContent(failure, requestId, accept);
  const fields = { 'Content-Type': type, ...errorFields(failure), ...more };
  return textResponse(ERRORS[failure.code].status, JSON.stringify(body), requestId, fields);
}

export function send(response: ServerResponse, { status, fields, body }: RawResponse): void {
  response.writeHead(status, fields).end(body, 'latin1');
}

/** A JSON answer with header fields in addition to those of every answer. */
export function rawResponse(
  status: number,
  body: RawBody,
  requestId: string,
  more: Readonly<Record<string, string>>,
): RawResponse {
  return responseOf(JSON_FIELDS, status, body, requestId, more);
}

/** An answer without a body, as `rawResponse`. */
export function emptyResponse(
  status: number,
  requestId: string,
  more: Readonly<Record<string, string>>,
): RawResponse {
  return responseOf(EMPTY_FIELDS, status, '', requestId, more);
}

function responseOf(
  always: readonly string[],
  status: number,
  body: RawBody,
  requestId: string,
  more: Readonly<Record<string, string>>,
): RawResponse {
  const fields = [...always, 'X-Request-Id', requestId, 'Content-Length', String(body.length)];
  for (const name in more) fields.push(name, more[name] ?? '');
  return { requestId, status, fields, body };
}

/** An answer of any type, whose header fields win over those of every answer. */
export function textResponse(
  status: number,
  content: string | Buffer,
  requestId: string,
  more: Fields,
): RawResponse {
  const body = typeof content === 'string' ? toBody(content) : content;
  const length = { 'X-Request-Id': requestId, 'Content-Length': String(body.length) };
  return { requestId, status, fields: fieldList({ ...API_FIELDS, ...length, ...more }), body };
}

export function toBody(text: string): RawBody {
  return NOT_ASCII.test(text) ? Buffer.from(text) : text;
}

/** The names and values of header fields, alternating. */
export function fieldList(fields: Fields): string[] {
  const list: string[] = [];
  for (const [name, values] of Object.entries(fields)) {
    if (typeof values === 'string') list.push(name, values);
    else for (const value of values) list.push(name, value);
  }
  return list;
}

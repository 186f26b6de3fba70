import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { STREAM_MEDIA_TYPE } from '@latchkey/contract';
import type { Exchange } from './exchange.ts';
import { type Fields, fieldList } from './raw-response.ts';
import { API_FIELDS } from './response-headers.ts';

/**
 * Streams lines with backpressure. Resolves when all are sent, or the client has disconnected. Rejects before the first byte
 * is sent if the first line cannot be read; after an error at a later line, the connection must be closed. Reads no lines
 * for HEAD, whose answer has no body.
 */
export async function sendNdjson(
  { request, response, requestId }: Exchange,
  lines: AsyncIterable<string>,
  more: Fields,
): Promise<void> {
  const iterator = lines[Symbol.asyncIterator]();
  const first = request.method === 'HEAD' ? null : await iterator.next();
  const type = { 'Content-Type': `${STREAM_MEDIA_TYPE}; charset=utf-8` };
  response.writeHead(200, fieldList({ ...API_FIELDS, 'X-Request-Id': requestId, ...type, ...more }));
  if (first === null) return void response.end();
  await sendAll(Readable.from(terminated(first, iterator)), response);
}

/** Resolves once the stream is sent, or the client has disconnected. Rejects with an error of the stream. */
function sendAll(body: Readable, response: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    body.once('error', reject);
    response.once('close', () => {
      body.destroy();
      resolve();
    });
    body.pipe(response);
  });
}

async function* terminated(
  first: IteratorResult<string>,
  rest: AsyncIterator<string>,
): AsyncGenerator<string, void, undefined> {
  for (let next = first; !next.done; next = await rest.next()) yield `${next.value}\n`;
}

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
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
  await pipeline(Readable.from(terminated(first, iterator)), response).catch((error: unknown) => {
    if (!response.destroyed || isOurs(error)) throw error;
  });
}

async function* terminated(
  first: IteratorResult<string>,
  rest: AsyncIterator<string>,
): AsyncGenerator<string, void, undefined> {
  for (let next = first; !next.done; next = await rest.next()) yield `${next.value}\n`;
}

/** Did reading a line fail? Else the client has disconnected. */
function isOurs(error: unknown): boolean {
  return (error as { code?: unknown }).code !== 'ERR_STREAM_PREMATURE_CLOSE';
}

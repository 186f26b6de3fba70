import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { STREAM_MEDIA_TYPE } from '@latchkey/contract';
import type { Exchange } from './exchange.ts';
import { API_FIELDS, type Fields, fieldList } from './raw-response.ts';

/** The error of Node's streams for a client that disconnects. */
const DISCONNECTED = 'ERR_STREAM_PREMATURE_CLOSE';

/**
 * Streams lines with backpressure. Resolves when all are sent, or the client has disconnected. Rejects before the first byte
 * is sent if the first line cannot be read; after an error at a later line, the connection is closed. Reads no lines for
 * HEAD, whose answer has no body.
 */
export async function sendNdjson(
  { request, response, requestId }: Exchange,
  lines: AsyncIterable<string>,
  more: Fields,
): Promise<void> {
  const iterator = lines[Symbol.asyncIterator]();
  const first = request.method === 'HEAD' ? null : await iterator.next();
  if (response.destroyed) return void (await iterator.return?.());
  const type = { 'Content-Type': `${STREAM_MEDIA_TYPE}; charset=utf-8` };
  response.writeHead(200, fieldList({ ...API_FIELDS, 'X-Request-Id': requestId, ...type, ...more }));
  if (first === null) return void response.end();
  await pipeline(Readable.from(terminated(first, iterator)), response).catch((error: unknown) => {
    if ((error as { code?: unknown }).code !== DISCONNECTED) throw error;
  });
}

/** The lines, each with a line feed. Ends the reading of lines too when it is ended early. */
async function* terminated(
  first: IteratorResult<string>,
  rest: AsyncIterator<string>,
): AsyncGenerator<string, void, undefined> {
  try {
    for (let next = first; !next.done; next = await rest.next()) yield `${next.value}\n`;
  } finally {
    await rest.return?.();
  }
}

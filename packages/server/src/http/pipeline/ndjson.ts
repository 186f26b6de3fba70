import { Readable } from 'node:stream';
import { STREAM_MEDIA_TYPE } from '@latchkey/contract';
import type { FastifyReply } from 'fastify';
import type { Lines } from './route.ts';

/** Streams lines with backpressure. Reads no lines for HEAD, whose answer has no body. */
export function sendNdjson(reply: FastifyReply, { lines }: Lines): FastifyReply {
  const body = reply.request.method === 'HEAD' ? [] : terminated(lines);
  return reply.type(`${STREAM_MEDIA_TYPE}; charset=utf-8`).send(Readable.from(body));
}

async function* terminated(lines: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  for await (const line of lines) yield `${line}\n`;
}

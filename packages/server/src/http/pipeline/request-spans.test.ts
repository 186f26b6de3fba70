import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SpanTracer } from '../../tracing/span-tracer.ts';
import { RequestSpans } from './request-spans.ts';
import { Router } from './router.ts';

let exporter: InMemorySpanExporter;
let server: Server;

beforeEach(async () => {
  exporter = new InMemorySpanExporter();
  const spanProcessors = [new SimpleSpanProcessor(exporter)];
  const tracer = new SpanTracer(new BasicTracerProvider({ spanProcessors }).getTracer('test'));
  const spans = new RequestSpans(tracer, new Router([], []));
  const listener = spans.listener((incoming, response) => {
    if (incoming.url === '/cut') incoming.socket.destroy();
    else response.writeHead(503).end();
  });
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => server.close());

async function attributesAfter(method: string, path: string) {
  const { port } = server.address() as AddressInfo;
  const outgoing = request({ host: '127.0.0.1', port, method, path, agent: false });
  outgoing.on('response', (response) => response.resume()).on('error', () => {});
  outgoing.end();
  await expect.poll(() => exporter.getFinishedSpans()).toHaveLength(1);
  const [span] = exporter.getFinishedSpans();
  return { name: span?.name, code: span?.status.code, ...span?.attributes };
}

test('an answer with status 500 or higher is a failure', async () => {
  expect(await attributesAfter('GET', '/')).toEqual({
    name: 'GET',
    code: 2,
    'http.request.method': 'GET',
    'http.response.status_code': 503,
    'error.type': '503',
  });
});

test('a connection that closes before the answer is a failure without a status', async () => {
  expect(await attributesAfter('GET', '/cut')).toEqual({
    name: 'GET',
    code: 2,
    'http.request.method': 'GET',
    'error.type': 'connection_closed',
  });
});

test('an unusual method is not in a span', async () => {
  expect(await attributesAfter('PROPFIND', '/')).toMatchObject({
    name: 'HTTP',
    'http.request.method': '_OTHER',
  });
});

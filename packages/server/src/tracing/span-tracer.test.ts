import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { beforeEach, expect, test } from 'vitest';
import { AppError } from '../domain/shared/app-error.ts';
import { SpanTracer } from './span-tracer.ts';

let exporter: InMemorySpanExporter;
let tracer: SpanTracer;

beforeEach(() => {
  exporter = new InMemorySpanExporter();
  const spanProcessors = [new SimpleSpanProcessor(exporter)];
  tracer = new SpanTracer(new BasicTracerProvider({ spanProcessors }).getTracer('test'));
});

/** The attributes and the status of the only span after work that rejects with the error. */
async function recordedOf(error: Error) {
  const request = tracer.startRequest('GET', {}, undefined);
  const work = request.run(() => tracer.span('SELECT', {}, () => Promise.reject(error)));
  await expect(work).rejects.toBe(error);
  const [span] = exporter.getFinishedSpans();
  return { attributes: span?.attributes, status: span?.status, events: span?.events };
}

const FAILED = { code: 2 };
const NOT_SET = { code: 0 };

test('a failure is recorded by its code or kind, without its message', async () => {
  expect(await recordedOf(new AppError('UNAVAILABLE', { message: 'canary' }))).toEqual({
    attributes: { 'error.type': 'UNAVAILABLE' },
    status: FAILED,
    events: [],
  });
  exporter.reset();
  expect(await recordedOf(new TypeError('canary'))).toEqual({
    attributes: { 'error.type': 'TypeError' },
    status: FAILED,
    events: [],
  });
});

test('that a call is denied is not a failure of its transaction', async () => {
  expect(await recordedOf(new AppError('PERMISSION_DENIED'))).toEqual({
    attributes: {},
    status: NOT_SET,
    events: [],
  });
});

test('work outside of a request, or after its end, has no span', async () => {
  expect(await tracer.span('SELECT', {}, async () => 1)).toBe(1);
  const request = tracer.startRequest('GET', {}, undefined);
  const later = await request.run(async () => () => tracer.span('SELECT', {}, async () => 2));
  request.end({});
  expect(await request.run(later)).toBe(2);
  expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['GET']);
});

test('a traceparent that is not valid begins a new trace', () => {
  for (const traceparent of [undefined, '', 'canary', `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`])
    tracer.startRequest('GET', {}, traceparent).end({});
  const spans = exporter.getFinishedSpans();
  expect(spans.map(({ parentSpanContext }) => parentSpanContext)).toEqual(spans.map(() => undefined));
  expect(spans).toHaveLength(4);
});

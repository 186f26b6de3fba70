import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  /** As OTLP numbers it: 2 is a server, 3 a client. */
  readonly kind: number;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly hasFailed: boolean;
}

export interface TraceReceiver {
  readonly url: string;
  /** What was received, as it came over the wire. */
  readonly bodies: readonly string[];
  /** The attributes of the service. */
  resource(): Readonly<Record<string, string | number>>;
  spans(): ReceivedSpan[];
  /** The status of further answers; null: they are not sent. 200 at first. */
  answerWith(status: number | null): void;
  close(): void;
}

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number };
}

interface OtlpSpan extends Omit<ReceivedSpan, 'attributes' | 'hasFailed'> {
  readonly attributes: readonly Attribute[];
  readonly status: { readonly code?: number };
}

interface OtlpBody {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}

const FAILED = 2;

/** A collector of traces (OTLP over HTTP, in JSON) on a port of this machine. */
export async function startTraceReceiver(): Promise<TraceReceiver> {
  const bodies: string[] = [];
  let status: number | null = 200;
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    bodies.push(await text(request));
    if (status !== null) response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
  };
  const server = createServer((request, response) => void receive(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const resources = () => bodies.flatMap((body) => (JSON.parse(body) as OtlpBody).resourceSpans);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    resource: () => attributesOf(resources()[0]?.resource.attributes ?? []),
    spans: () =>
      resources()
        .flatMap(({ scopeSpans }) => scopeSpans)
        .flatMap(({ spans }) => spans)
        .map((span) => ({
          ...span,
          attributes: attributesOf(span.attributes),
          hasFailed: span.status.code === FAILED,
        })),
    answerWith(next) {
      status = next;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function attributesOf(list: readonly Attribute[]): Record<string, string | number> {
  return Object.fromEntries(
    list.map(({ key, value }) => [key, value.stringValue ?? value.intValue ?? 'of another type']),
  );
}

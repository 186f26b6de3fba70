import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { isStream } from './contract-checker.ts';

export interface HttpCall {
  /** The key to send as bearer; left out: none. */
  readonly as?: string | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent unchanged, in place of `body`. */
  readonly rawBody?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests reach into what the contract describes
  readonly body: any;
}

const SILENCE_MS_DEFAULT = 20_000;

/** Calls to one server over kept connections. It never repeats a call by itself: an answer lost stays lost. */
export class HttpClient {
  readonly #url: string;
  readonly #silenceMsMax: number;
  readonly #agent = new Agent({ keepAlive: true });

  /** `silenceMsMax`: a call without an answer for this long fails. */
  constructor(url: string, silenceMsMax = SILENCE_MS_DEFAULT) {
    this.#url = url;
    this.#silenceMsMax = silenceMsMax;
  }

  /** Resolves with the complete answer, whatever its status. Rejects when the connection closes before that. */
  call(method: string, path: string, { as, body, rawBody, headers }: HttpCall = {}): Promise<HttpAnswer> {
    const payload = rawBody ?? (body === undefined ? undefined : JSON.stringify(body));
    const fields = {
      ...(as !== undefined && { authorization: `Bearer ${as}` }),
      ...(payload !== undefined && {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(payload),
      }),
      ...headers,
    };
    return new Promise((resolve, reject) => {
      const target = new URL(this.#url);
      const options = { method, path, headers: fields, agent: this.#agent, host: target.hostname };
      const outgoing = request({ ...options, port: target.port }, (incoming) => {
        readAnswer(incoming).then(resolve, reject);
      });
      outgoing.on('error', reject);
      outgoing.setTimeout(this.#silenceMsMax, () => {
        outgoing.destroy(new Error(`no answer to ${method} ${path} for ${this.#silenceMsMax} ms`));
      });
      outgoing.end(payload);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

async function readAnswer(incoming: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  if (!incoming.complete) throw new Error('the answer broke off');
  const text = Buffer.concat(chunks).toString('utf8');
  const { headers } = incoming;
  return { status: incoming.statusCode ?? 0, headers, text, body: bodyOf(headers, text) };
}

/** The parsed JSON, or the text of a stream; null for any other media type. */
function bodyOf(headers: IncomingHttpHeaders, text: string): unknown {
  if (isStream(headers)) return text;
  return /^application\/(?:[a-z]+\+)?json\b/.test(headers['content-type'] ?? '') ? JSON.parse(text) : null;
}

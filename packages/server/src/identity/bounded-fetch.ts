/** Milliseconds within which a provider must have sent its whole response. */
export const ANSWER_WITHIN_MS = 5_000;
/** Bytes, after decompression. Metadata, keys and tokens are a few kilobytes. */
const ANSWER_BYTES_MAX = 2 ** 20;

/** The options of `fetch`; `body` may also be undefined, which the libraries pass. */
type FetchOptions = Omit<RequestInit, 'body'> & { readonly body?: RequestInit['body'] | undefined };

/**
 * As `fetch`, but rejects and closes the connection if the response is not complete within 5 s or has more than 1 MiB. The
 * body of the response is in memory.
 */
export async function boundedFetch(url: string | URL, options: FetchOptions = {}): Promise<Response> {
  const deadline = AbortSignal.timeout(ANSWER_WITHIN_MS);
  const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline;
  const response = await fetch(url, { ...options, body: options.body ?? null, signal });
  const { status, statusText, headers, body } = response;
  return new Response(body && (await readAll(body, url)), { status, statusText, headers });
}

async function readAll(
  body: ReadableStream<Uint8Array>,
  url: string | URL,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop early cancels the body, which closes the connection.
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) throw new Error(`The response of ${url} has more than 1 MiB`);
    chunks.push(chunk);
  }
  return Uint8Array.from(Buffer.concat(chunks));
}

/** Shared by the small servers that Latchkey is compared with: the response body, and how they listen. */

/** Latchkey's own response body to `check`, so that every server sends the same number of bytes. */
export const ANSWER = process.env.BENCH_ANSWER ?? '{}';

/** @param {import('node:http').Server} server */
export function listen(server) {
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1', () => {
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    console.log(`listening on http://127.0.0.1:${port}`);
  });
  process.on('SIGTERM', () => process.exit(0));
}

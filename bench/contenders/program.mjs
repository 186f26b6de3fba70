/** What the small servers that we are compared with have in common: the answer they give, and how they listen. */

/** The body of the product's own answer to `check`: everybody sends as many bytes. */
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

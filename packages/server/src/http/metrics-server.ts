import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** The path of metrics, on the port of their own and on the socket of the host. */
const METRICS_PATH = '/metrics';
/** The text format of Prometheus. */
const MEDIA_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Answers `GET /metrics`, and 404 for all else. `text` resolves with the metrics; a failure is answered with 500. */
export function answerMetrics(
  text: () => Promise<string>,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const isMetrics = request.method === 'GET' && request.url?.split('?', 1)[0] === METRICS_PATH;
    const send = (status: number, body: string) => {
      response.writeHead(status, { 'Content-Type': MEDIA_TYPE, 'Cache-Control': 'no-store' });
      response.end(body);
    };
    if (!isMetrics) return send(404, `Metrics are at ${METRICS_PATH}\n`);
    text().then(
      (body) => send(200, body),
      () => send(500, 'The metrics cannot be read\n'),
    );
  };
}

/** Serves the metrics at an address of their own. Rejects with Node's error if it cannot listen there. */
export async function listenForMetrics(
  text: () => Promise<string>,
  place: { readonly host: string; readonly port: number },
): Promise<Server> {
  const server = createServer(answerMetrics(text));
  await once(server.listen(place), 'listening');
  return server;
}

/** The minimum for a Node server: no routing, no look-up, a fixed response. */
import { createServer } from 'node:http';
import { ANSWER, listen } from './program.mjs';

const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(ANSWER) };

listen(
  createServer((_request, response) => {
    response.writeHead(200, headers).end(ANSWER);
  }),
);

/**
 * Creates keys at a steady rate and revokes each as soon as it exists. Prints `started` after the first key, and on
 * SIGTERM the number of keys a second that it has created and revoked.
 */
import { Connection } from './connection.mjs';
import { createRequest, revokeRequest } from './requests.mjs';

const { url, ownerKey, ownerId, rate } = JSON.parse(process.argv[2] ?? '');
const CONNECTIONS = 32;
const TICK_MS = 5;

const { hostname, port } = new URL(url);
const idle = Array.from({ length: CONNECTIONS }, () => new Connection(hostname, Number(port), fail));
const startedAt = performance.now();
let begun = 0;
let revoked = 0;

setInterval(() => {
  const due = ((performance.now() - startedAt) / 1_000) * rate;
  for (; begun < due && idle.length > 0; begun += 1) change(/** @type {Connection} */ (idle.shift()));
}, TICK_MS);

process.on('SIGTERM', () => {
  console.log((revoked / (performance.now() - startedAt)) * 1_000);
  process.exit(0);
});

/** @param {Connection} connection */
function change(connection) {
  const body = { name: `Short-lived key ${begun}`, userId: ownerId, permissions: ['calls:read'] };
  connection.send(createRequest(ownerKey, body), (status, bytes) => {
    if (status !== 201) fail(new Error(`Creating a key failed: ${bytes}`));
    const { id } = JSON.parse(bytes.toString()).data.result.apiKey;
    connection.send(revokeRequest(ownerKey, id), (answered, answer) => {
      if (answered >= 400) fail(new Error(`Revoking a key failed: ${answer}`));
      if (++revoked === 1) console.log('started');
      idle.push(connection);
    });
  });
}

/** @param {Error} error @returns {never} */
function fail(error) {
  console.error(error.message);
  process.exit(1);
}

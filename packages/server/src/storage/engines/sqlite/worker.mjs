/** The thread of one connection: answers the calls of `SqliteThread` in their order. */
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { SqliteConnection } from './connection.mjs';

/** @typedef {import('./connection.mjs').Answer} Answer */
/** @typedef {import('./connection.mjs').Statement} Statement */

/**
 * `isBackground`: the thread has a lower priority than the others.
 * @typedef {{ readonly path: string, readonly readOnly: boolean, readonly isBackground: boolean }} Opening
 */

/**
 * Null: close, and end the thread.
 * @typedef {{ readonly id: number, readonly statements: readonly Statement[] } | null} Message
 */

/** The fields of an error that are sent to another thread. @typedef {{ message: string, errcode: unknown }} Failed */

/** @typedef {{ readonly id: number, readonly answers: readonly Answer[], readonly failed: Failed | null }} Reply */

// Hides the warning of Node 22 that its SQLite is experimental, since the operator can do nothing about it.
const [warn] = process.listeners('warning');
process.removeAllListeners('warning').on('warning', (warning) => {
  if (warning.name !== 'ExperimentalWarning') warn?.(warning);
});

const { path, readOnly, isBackground } = /** @type {Opening} */ (workerData);

// Only on Linux: elsewhere the priority would apply to the whole process.
if (isBackground && process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

const connection = await SqliteConnection.open(path, { readOnly });

parentPort?.on('message', (/** @type {Message} */ message) => {
  if (message) parentPort?.postMessage(reply(message));
  else end();
});

/** @param {NonNullable<Message>} message @returns {Reply} */
function reply({ id, statements }) {
  const { answers, failure } = connection.run(statements);
  if (answers.length === statements.length) return { id, answers, failed: null };
  const { message, errcode } = /** @type {Failed} */ (failure);
  return { id, answers, failed: { message, errcode } };
}

function end() {
  connection.close();
  parentPort?.close();
}

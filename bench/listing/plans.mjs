/** The query plans of the statements of a listing. */
import { listKeyRows } from '../../packages/server/dist/storage/keys/key-listing.js';

/** @typedef {import('./workspace.mjs').Workspace['db']} Db */
/** @typedef {Parameters<ReturnType<Db['getExecutor']>['compileQuery']>[0]} Node */

/**
 * @param {Db} db
 * @param {import('../../packages/server/dist/storage/keys/key-filter.js').Listing} listing
 * @param {import('../../packages/server/dist/domain/keys/key-store.js').KeyPage} page
 * @returns {Promise<string[]>} for each statement the steps that read keys, and those that sort
 */
export async function plansOf(db, listing, page) {
  /** @type {Node[]} */
  const nodes = [];
  /** @type {Parameters<Db['withPlugin']>[0]} */
  const recorder = {
    transformQuery({ node }) {
      nodes.push(node);
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  await listKeyRows(db.withPlugin(recorder), listing, page);
  return Promise.all(nodes.map((node) => planOf(db, node)));
}

/** @param {Db} db @param {Node} node */
async function planOf(db, node) {
  const compiled = db.getExecutor().compileQuery(node, { queryId: 'plan' });
  const { rows } = await db.executeQuery({ ...compiled, sql: `explain query plan ${compiled.sql}` });
  const details = rows.map((row) => /** @type {{ detail: string }} */ (row).detail);
  return details.filter((detail) => / api_keys |ORDER BY/.test(detail)).join('; ');
}

/** How the database goes about the statements of a listing. */
import { CompiledQuery } from 'kysely';
import { listKeyRows } from '../../packages/server/dist/storage/key-listing.js';

/**
 * @param {import('kysely').Kysely<any>} db
 * @param {any} listing
 * @param {any} page
 * @returns {Promise<string[]>} for each statement the steps that read keys, and those that sort
 */
export async function plansOf(db, listing, page) {
  /** @type {any[]} */
  const nodes = [];
  const recorder = {
    transformQuery: (/** @type {any} */ { node }) => {
      nodes.push(node);
      return node;
    },
    transformResult: async (/** @type {any} */ { result }) => result,
  };
  await listKeyRows(db.withPlugin(recorder), listing, page);
  return Promise.all(nodes.map((node) => planOf(db, node)));
}

/** @param {import('kysely').Kysely<any>} db @param {any} node */
async function planOf(db, node) {
  const { sql, parameters } = db.getExecutor().compileQuery(node, { queryId: 'plan' });
  const explained = CompiledQuery.raw(`explain query plan ${sql}`, [...parameters]);
  const { rows } = await db.executeQuery(explained);
  const details = rows.map((row) => /** @type {{ detail: string }} */ (row).detail);
  return details.filter((detail) => / api_keys |ORDER BY/.test(detail)).join('; ');
}

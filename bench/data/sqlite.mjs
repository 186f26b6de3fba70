/** Opens SQLite the way the product does: the driver of the platform where it has one, else the package. */

/** @typedef {{ DatabaseSync: typeof import('@photostructure/sqlite').DatabaseSync }} Driver */
/** @typedef {InstanceType<Driver['DatabaseSync']>} Connection */

/** @returns {Promise<Driver>} */
async function loadDriver() {
  const builtIn = /** @type {Driver | undefined} */ (process.getBuiltinModule?.('node:sqlite'));
  return builtIn ?? (await import('@photostructure/sqlite'));
}

/** @param {string} file @returns {Promise<Connection>} */
export async function openSqlite(file) {
  const { DatabaseSync } = await loadDriver();
  return new DatabaseSync(file);
}

/** @typedef {Record<string, string | number | null>} Row */

/**
 * A function that inserts rows with the columns of `sample`.
 * @param {Connection} connection
 * @param {string} table
 * @param {Row} sample
 * @returns {(row: Row) => void}
 */
export function inserter(connection, table, sample) {
  const columns = Object.keys(sample);
  const marks = columns.map(() => '?').join(', ');
  const statement = connection.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${marks})`);
  return (row) => {
    statement.run(...columns.map((column) => row[column] ?? null));
  };
}

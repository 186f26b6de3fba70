/** @typedef {typeof import('@photostructure/sqlite').DatabaseSync} DatabaseClass */

/**
 * Replaces the SQLite driver of the service with the class that `change` returns. A module that runs before the service must
 * call it; it overrides the built-in module `node:sqlite`.
 * @param {(original: DatabaseClass) => DatabaseClass} change
 */
export async function replaceDriver(change) {
  const builtIn = /** @type {{ DatabaseSync: DatabaseClass } | undefined} */ (
    process.getBuiltinModule?.('node:sqlite')
  );
  const { DatabaseSync } = builtIn ?? (await import('@photostructure/sqlite'));
  const driver = { DatabaseSync: change(DatabaseSync) };
  const { getBuiltinModule } = process;
  const replaced = /** @param {string} id */ (id) => (id === 'node:sqlite' ? driver : getBuiltinModule?.(id));
  Object.assign(process, { getBuiltinModule: replaced });
}

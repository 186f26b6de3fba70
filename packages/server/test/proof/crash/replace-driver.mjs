/** @typedef {typeof import('@photostructure/sqlite').DatabaseSync} DatabaseClass */

/**
 * Gives the service another SQLite than the one it would load: the class that `change` makes of it. To be called by a
 * module that runs before the service does; it stands where the service asks the platform for its own SQLite.
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

/** All that the log needs to know of keys. */
export interface KeyOwners {
  /** The owner of each of these keys, by the id of the key; keys that the workspace does not have are left out. */
  ownersOf(workspaceId: string, keyIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

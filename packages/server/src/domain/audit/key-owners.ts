/** The look-up of keys that the audit log needs. */
export interface KeyOwners {
  /** The owners of these keys, by the id of the key. Keys that the workspace does not have are omitted. */
  ownersOf(workspaceId: string, keyIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

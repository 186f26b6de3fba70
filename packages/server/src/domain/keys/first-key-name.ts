/** The name of the key that a workspace begins with. */
export const FIRST_KEY_NAME = "Owner's first key";

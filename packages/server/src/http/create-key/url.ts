/** The page on which a signed-in person creates a key of their own. */
export const CREATE_KEY_PATH = '/create-key';

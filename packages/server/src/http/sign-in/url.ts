export const SIGN_IN_PATH = '/sign-in';
/** Leads to the identity provider. */
export const PROVIDER_PATH = `${SIGN_IN_PATH}/provider`;
/** Where it sends people back to, with a code that is good once, and only for us. */
export const RETURN_PATH = `${PROVIDER_PATH}/return`;

/** The address that signs somebody in. What stands behind the # stays in the browser: no server, proxy or log sees it. */
export function signInUrl(publicUrl: string, token: string): string {
  return `${publicUrl}${SIGN_IN_PATH}#${token}`;
}

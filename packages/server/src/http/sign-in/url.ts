export const SIGN_IN_PATH = '/sign-in';

/** The address that signs somebody in. What stands behind the # stays in the browser: no server, proxy or log sees it. */
export function signInUrl(publicUrl: string, token: string): string {
  return `${publicUrl}${SIGN_IN_PATH}#${token}`;
}

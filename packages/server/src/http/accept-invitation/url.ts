export const ACCEPT_PATH = '/accept-invitation';

/** Where to accept an invitation. What stands behind the # stays in the browser: no server, proxy or log sees it. */
export function acceptUrl(publicUrl: string, token: string): string {
  return `${publicUrl}${ACCEPT_PATH}#${token}`;
}

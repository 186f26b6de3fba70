export const ACCEPT_PATH = '/accept-invitation';

/** The URL to accept an invitation. The token is in the fragment (#), which browsers do not send to servers or proxies. */
export function acceptUrl(publicUrl: string, token: string): string {
  return `${publicUrl}${ACCEPT_PATH}#${token}`;
}

import type { Endpoint } from '@latchkey/contract';

export const SIGN_IN_PATH = '/sign-in';
/** Redirects to the identity provider. */
export const PROVIDER_PATH = `${SIGN_IN_PATH}/provider`;
/** The redirect URI, to which the provider returns with a code that is valid once and only for this service. */
export const RETURN_PATH = `${PROVIDER_PATH}/return`;

/** The URL of a sign-in link. The token is in the fragment (#), which browsers do not send to servers or proxies. */
export function signInUrl(publicUrl: string, token: string): string {
  return `${publicUrl}${SIGN_IN_PATH}#${token}`;
}

export const ACCEPT_PATH = '/invitations/accept';

/** The URL to accept an invitation. The token is in the fragment (#), which browsers do not send to servers or proxies. */
export function acceptUrl(publicUrl: string, token: string): string {
  return `${publicUrl}${ACCEPT_PATH}#${token}`;
}

/** The URL of a call in the reference. */
export function referenceOf({ tag, id }: Endpoint): string {
  return `/docs#/${encodeURIComponent(tag)}/${id}`;
}

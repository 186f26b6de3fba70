import type { BuiltInPermission } from '../permissions.ts';

/** The permission that a call needs, or the reason why it needs none. */
export type Access =
  | { readonly permission: BuiltInPermission }
  | {
      readonly permission: null;
      readonly credential: 'any' | 'none' | 'subject' | 'account';
      readonly because: string;
    };

/** What needs access: an endpoint. */
interface Accessed {
  readonly access: Access;
}

export function needsCredential(endpoint: Accessed): boolean {
  return endpoint.access.permission !== null || endpoint.access.credential !== 'none';
}

/** Does the endpoint accept a session cookie as the credential? */
export function takesSession(endpoint: Accessed): boolean {
  return needsCredential(endpoint) && !asksAboutCredential(endpoint);
}

/** Must the credential prove the person, not only a member of one workspace? Keys never prove a person. */
export function needsAccount({ access }: Accessed): boolean {
  return access.permission === null && access.credential === 'account';
}

/** Does the call ask about its own credential? Then the endpoint, not the authentication step, verifies it. */
export function asksAboutCredential({ access }: Accessed): boolean {
  return access.permission === null && access.credential === 'subject';
}

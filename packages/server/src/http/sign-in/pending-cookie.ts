import type { IncomingMessage } from 'node:http';
import { PENDING_PREFIX } from '@latchkey/contract';
import { parse, type SetCookie, serialize } from 'cookie';
import type { PendingSignIn } from '../../domain/identity/sign-in-provider.ts';
import type { Keyring } from '../../domain/shared/keyring.ts';

const PENDING_COOKIE = '__Host-latchkey_pending';
/** Seconds in which a person must sign in at the provider. */
const KEPT_SECONDS = 10 * 60;
const CONTEXT = 'pending sign-in';

/** SameSite is lax, since the browser returns from a page of the provider, by a GET in its main frame. */
const ATTRIBUTES = {
  path: '/',
  secure: true,
  httpOnly: true,
  sameSite: 'lax',
} satisfies Partial<SetCookie>;

/** The value of Set-Cookie that stores the pending sign-in in the browser, encrypted and authenticated. */
export function pendingCookie(keyring: Keyring, pending: PendingSignIn, now: number): string {
  const kept = JSON.stringify({ ...pending, endsAt: now + KEPT_SECONDS * 1_000 });
  const sealed = keyring.encrypt(kept, CONTEXT, CONTEXT);
  return serialize(PENDING_COOKIE, PENDING_PREFIX + sealed, { ...ATTRIBUTES, maxAge: KEPT_SECONDS });
}

/** The value of Set-Cookie that deletes the cookie, which is valid for one return only. */
export function noPendingCookie(): string {
  return serialize(PENDING_COOKIE, '', { ...ATTRIBUTES, maxAge: 0 });
}

/** The pending sign-in of this browser; null if there is none or it has expired. */
export function pendingOf({ headers }: IncomingMessage, keyring: Keyring, now: number): PendingSignIn | null {
  const value = parse(headers.cookie ?? '')[PENDING_COOKIE];
  if (!value?.startsWith(PENDING_PREFIX)) return null;
  const sealed = value.slice(PENDING_PREFIX.length);
  try {
    const { endsAt, ...pending } = JSON.parse(keyring.decrypt(sealed, CONTEXT, CONTEXT)) as PendingSignIn & {
      endsAt: number;
    };
    return now < endsAt ? pending : null;
  } catch {
    return null;
  }
}

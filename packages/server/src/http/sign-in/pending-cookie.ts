import type { IncomingMessage } from 'node:http';
import { PENDING_PREFIX } from '@latchkey/contract';
import { parse, type SetCookie, serialize } from 'cookie';
import type { PendingSignIn } from '../../domain/identity/sign-in-provider.ts';
import type { Keyring } from '../../domain/shared/keyring.ts';

const PENDING_COOKIE = '__Host-latchkey_pending';
/** How long somebody may take to sign in at the provider. */
const KEPT_SECONDS = 10 * 60;
const CONTEXT = 'pending sign-in';

/** Lax, since the browser comes back from a page of the provider; it does so by GET, in its main frame. */
const ATTRIBUTES = {
  path: '/',
  secure: true,
  httpOnly: true,
  sameSite: 'lax',
} satisfies Partial<SetCookie>;

/** The value of Set-Cookie that keeps what is pending in the browser, where nobody can read or change it. */
export function pendingCookie(keyring: Keyring, pending: PendingSignIn, now: number): string {
  const kept = JSON.stringify({ ...pending, endsAt: now + KEPT_SECONDS * 1_000 });
  const sealed = keyring.encrypt(kept, CONTEXT, CONTEXT);
  return serialize(PENDING_COOKIE, PENDING_PREFIX + sealed, { ...ATTRIBUTES, maxAge: KEPT_SECONDS });
}

/** The value of Set-Cookie that takes it away again: it is good for one return. */
export function noPendingCookie(): string {
  return serialize(PENDING_COOKIE, '', { ...ATTRIBUTES, maxAge: 0 });
}

/** What is pending in this browser; null where nothing is, or not any more. */
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

import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { JWK } from 'jose';
import type { Key } from '../../domain/keys/key.ts';
import type { Clock } from '../../domain/shared/clock.ts';
import type { Keyring } from '../../domain/shared/keyring.ts';
import type { Verdict } from '../../domain/verification/verifier.ts';

/** How long a token is valid, and how long it is sent again: its times are whole seconds, and it is valid for at least 30. */
const LIFETIME_SECONDS = 60;
const REUSED_MS = 29_000;
/** How long one signing key is used. The keys of the periods before and after are published too. */
const PERIOD_MS = 30 * 86_400_000;
const ALGORITHM = 'EdDSA';
/** The DER encoding of an Ed25519 private key (RFC 8410, section 7) up to its 32 bytes. */
const PKCS8_START = Buffer.from('302e020100300506032b657004220420', 'hex');

export interface IdentityTokensNeeds {
  readonly keyring: Keyring;
  readonly clock: Clock;
  publicUrl(): string;
}

interface SigningKey {
  readonly period: number;
  readonly privateKey: KeyObject;
  readonly publicJwk: JWK;
}

/**
 * Signs identities of keys for APIs behind a gateway, as JWTs (EdDSA). The signing keys are derived from the pepper, so that
 * nothing is stored and every instance has the same. They change every 30 days.
 */
export class IdentityTokens {
  readonly #needs: IdentityTokensNeeds;
  readonly #sent = new WeakMap<Key, { readonly token: string; readonly until: number }>();
  readonly #signingKeys = new Map<number, SigningKey>();

  constructor(needs: IdentityTokensNeeds) {
    this.#needs = needs;
  }

  /**
   * A token about the key of a verdict: `iss` is the public URL of the service, `aud` the workspace, `sub` the owner, `keyId`
   * the key and `permissions` those in effect. It is valid for 30 to 60 seconds. Empty without a key.
   */
  async tokenFor({ key, holds }: Verdict): Promise<string> {
    if (!key) return '';
    const now = this.#needs.clock.now();
    const sent = this.#sent.get(key);
    if (sent && now < sent.until && now >= sent.until - REUSED_MS) return sent.token;
    const { SignJWT } = await import('jose');
    const { privateKey, publicJwk } = await this.#keyOf(periodAt(now));
    const issuedAt = Math.floor(now / 1_000);
    const token = await new SignJWT({ keyId: key.id, permissions: [...holds] })
      .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT', kid: publicJwk.kid ?? '' })
      .setIssuer(this.#needs.publicUrl())
      .setAudience(key.workspaceId)
      .setSubject(key.owner.id)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + LIFETIME_SECONDS)
      .sign(privateKey);
    this.#sent.set(key, { token, until: now + REUSED_MS });
    return token;
  }

  /** The public keys of this period, of the one before, whose tokens may still be valid, and of the next one. */
  async keySet(): Promise<{ readonly keys: JWK[] }> {
    const present = periodAt(this.#needs.clock.now());
    const keys = await Promise.all([present, present - 1, present + 1].map((period) => this.#keyOf(period)));
    return { keys: keys.map(({ publicJwk }) => publicJwk) };
  }

  async #keyOf(period: number): Promise<SigningKey> {
    const known = this.#signingKeys.get(period);
    if (known) return known;
    for (const old of this.#signingKeys.keys()) if (old < period - 2) this.#signingKeys.delete(old);
    const made = await signingKey(this.#needs.keyring, period);
    this.#signingKeys.set(period, made);
    return made;
  }
}

function periodAt(now: number): number {
  return Math.floor(now / PERIOD_MS);
}

async function signingKey(keyring: Keyring, period: number): Promise<SigningKey> {
  const { calculateJwkThumbprint } = await import('jose');
  const der = Buffer.concat([PKCS8_START, keyring.signingSeed(period)]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const jwk = createPublicKey(privateKey).export({ format: 'jwk' }) as JWK;
  const kid = await calculateJwkThumbprint(jwk);
  return { period, privateKey, publicJwk: { ...jwk, kid, alg: ALGORITHM, use: 'sig' } };
}

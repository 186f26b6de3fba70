import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { JWKS_PATH } from '@latchkey/contract';
import type { JWK } from 'jose';
import type { Key } from '../../domain/keys/key.ts';
import type { Clock } from '../../domain/shared/clock.ts';
import type { Keyring } from '../../domain/shared/keyring.ts';
import type { Verdict } from '../../domain/verification/verifier.ts';
import type { Page } from '../pages/page.ts';
import { textResponse } from '../pipeline/raw-response.ts';

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

/** Those of three periods and several peppers; then they are made again. */
const SIGNING_KEYS_MAX = 20;

interface SigningKey {
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
  /** By their seeds, in base64url. */
  readonly #signingKeys = new Map<string, SigningKey>();

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
    const [seed] = this.#needs.keyring.signingSeeds(periodAt(now));
    const { privateKey, publicJwk } = await this.#keyOf(seed);
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

  /**
   * The public keys of this period, of the one before, whose tokens may still be valid, and of the next one. While the pepper
   * is rotated, those of each pepper.
   */
  async keySet(): Promise<{ readonly keys: JWK[] }> {
    const present = periodAt(this.#needs.clock.now());
    const periods = [present, present - 1, present + 1];
    const seeds = periods.flatMap((period) => this.#needs.keyring.signingSeeds(period));
    const keys = await Promise.all(seeds.map((seed) => this.#keyOf(seed)));
    return { keys: keys.map(({ publicJwk }) => publicJwk) };
  }

  async #keyOf(seed: Uint8Array): Promise<SigningKey> {
    const name = Buffer.from(seed).toString('base64url');
    const known = this.#signingKeys.get(name);
    if (known) return known;
    if (this.#signingKeys.size >= SIGNING_KEYS_MAX) this.#signingKeys.clear();
    const made = await signingKey(seed);
    this.#signingKeys.set(name, made);
    return made;
  }
}

function periodAt(now: number): number {
  return Math.floor(now / PERIOD_MS);
}

async function signingKey(seed: Uint8Array): Promise<SigningKey> {
  const { calculateJwkThumbprint } = await import('jose');
  const der = Buffer.concat([PKCS8_START, seed]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const jwk = createPublicKey(privateKey).export({ format: 'jwk' }) as JWK;
  const kid = await calculateJwkThumbprint(jwk);
  return { privateKey, publicJwk: { ...jwk, kid, alg: ALGORITHM, use: 'sig' } };
}

/** An hour: a new key is published 30 days before it signs. */
const CACHED = 'public, max-age=3600';

/** The public keys of identity tokens, as a JWK set (RFC 7517, section 5). */
export function keySetPage(tokens: IdentityTokens): Page {
  return {
    path: JWKS_PATH,
    async answer({ requestId }) {
      const fields = { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': CACHED };
      return textResponse(200, JSON.stringify(await tokens.keySet()), requestId, fields);
    },
  };
}

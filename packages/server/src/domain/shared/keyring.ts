import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

export const PEPPER_BYTES = 32;

/** A field of a stored row that a MAC covers. */
export type SealedField = string | number | boolean | null;

/**
 * All cryptography with the pepper, the only secret of the service itself. The pepper is stored outside the database, so
 * that a stolen database contains no usable key and an edited row is detected.
 */
export class Keyring {
  /** A fingerprint that does not reveal the pepper; stored in the database to detect a wrong pepper at start. */
  readonly pepperId: string;
  readonly #pepper: Uint8Array;
  readonly #rowKey: Uint8Array;

  constructor(pepper: Uint8Array) {
    if (pepper.length !== PEPPER_BYTES)
      throw new Error(`A pepper has ${PEPPER_BYTES} bytes, not ${pepper.length}`);
    this.#pepper = pepper;
    this.#rowKey = derive(pepper, 'row', '');
    this.pepperId = createHash('sha256')
      .update(derive(pepper, 'fingerprint', ''))
      .digest('base64url')
      .slice(0, 16);
  }

  /** HMAC-SHA-256 of the whole text of a key, base64url: the only form in which a secret is stored. */
  digest(keyText: string): string {
    return createHmac('sha256', this.#pepper).update(keyText).digest('base64url');
  }

  /** A MAC, base64url, over the kind of row and the fields that grant rights. */
  sealRow(kind: string, fields: readonly SealedField[]): string {
    return createHmac('sha256', this.#rowKey)
      .update(JSON.stringify([kind, ...fields]))
      .digest('base64url');
  }

  isIntact(seal: string, kind: string, fields: readonly SealedField[]): boolean {
    const expected = Buffer.from(this.sealRow(kind, fields));
    const actual = Buffer.from(seal);
    return expected.length === actual.length && timingSafeEqual(expected, actual);
  }

  /** The 32 secret bytes of a signing key: another key for each period, and the same for every instance with this pepper. */
  signingSeed(period: number): Uint8Array {
    return derive(this.#pepper, 'identity token', String(period));
  }

  /** Encrypts with a key derived from the pepper and `passphrase`. `decrypt` needs the same `context`. */
  encrypt(plaintext: string, passphrase: string, context: string): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, derive(this.#pepper, 'replay', passphrase), iv).setAAD(
      Buffer.from(context),
    );
    const body = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url');
  }

  /** The inverse of `encrypt`. Throws when the pepper, the passphrase, the context or the ciphertext differs. */
  decrypt(sealed: string, passphrase: string, context: string): string {
    const bytes = Buffer.from(sealed, 'base64url');
    const iv = bytes.subarray(0, IV_BYTES);
    const decipher = createDecipheriv(CIPHER, derive(this.#pepper, 'replay', passphrase), iv, {
      authTagLength: TAG_BYTES,
    })
      .setAAD(Buffer.from(context))
      .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
  }
}

/** A key for one purpose (RFC 5869), so that no use of the pepper can be exploited through another one. */
function derive(pepper: Uint8Array, purpose: string, salt: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', pepper, salt, `latchkey ${purpose}`, 32));
}

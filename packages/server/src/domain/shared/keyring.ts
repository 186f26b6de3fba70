import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { AppError } from './app-error.ts';

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

export const PEPPER_BYTES = 32;

/** A field of a stored row that a MAC covers. */
export type SealedField = string | number | boolean | null;

/** One pepper, with what is derived from it. */
interface Pepper {
  readonly id: string;
  readonly bytes: Uint8Array;
  readonly rowKey: Uint8Array;
}

/** Between the id of a pepper and the MAC of a seal. */
const SEAL_SEPARATOR = '.';

/**
 * All cryptography with the pepper, the only secret of the service itself. The pepper is stored outside the database, so
 * that a stolen database contains no usable key and an edited row is detected. While the pepper is rotated there are
 * several: one is current and makes everything new; what was made with the others is still accepted.
 */
export class Keyring {
  /** The newest first. */
  readonly #peppers: readonly Pepper[];
  /** Null: the pepper in use is not one of these. */
  #current: Pepper | null;

  /** `older`: from new to old. The newest is current until `use`. */
  constructor(newest: Uint8Array, older: readonly Uint8Array[] = []) {
    this.#peppers = [newest, ...older].map(pepperOf);
    this.#current = this.#peppers[0] ?? null;
  }

  /** With the peppers of a file, the newest first. */
  static of([newest, ...older]: readonly [Uint8Array, ...Uint8Array[]]): Keyring {
    return new Keyring(newest, older);
  }

  /** A fingerprint of the current pepper that does not reveal it; stored in the database to detect a wrong pepper at start. */
  get pepperId(): string {
    return this.#required.id;
  }

  /** The fingerprints of all peppers, the newest first. */
  get pepperIds(): readonly string[] {
    return this.#peppers.map(({ id }) => id);
  }

  /** Is an older pepper accepted besides the current one, which is the newest? */
  get isReplacing(): boolean {
    return this.#peppers.length > 1 && this.#current === this.#peppers[0];
  }

  /** Makes this pepper current. If it is not one of the keyring, everything that needs the current one throws UNAVAILABLE. */
  use(pepperId: string): void {
    this.#current = this.#peppers.find(({ id }) => id === pepperId) ?? null;
  }

  /** HMAC-SHA-256 of the whole text of a key, base64url: the only form in which a secret is stored. */
  digest(keyText: string): string {
    return digestWith(this.#required, keyText);
  }

  /**
   * The digests under which the text may be stored, one for each pepper, that of the oldest first. Who looks for them in this
   * order also finds a secret that is rehashed meanwhile.
   */
  digests(keyText: string): readonly string[] {
    const current = this.#required;
    if (this.#peppers.length === 1) return [digestWith(current, keyText)];
    return this.#peppers.map((pepper) => digestWith(pepper, keyText)).reverse();
  }

  /** The first result of `find` that is not null, for the digests under which the text may be stored. */
  async firstFound<T>(text: string, find: (digest: string) => Promise<T | null>): Promise<T | null> {
    for (const digest of this.digests(text)) {
      const found = await find(digest);
      if (found !== null) return found;
    }
    return null;
  }

  /**
   * A MAC, base64url, over the kind of row and the fields that grant rights. While there are several peppers, it begins with
   * the id of the one that made it.
   */
  sealRow(kind: string, fields: readonly SealedField[]): string {
    const current = this.#required;
    const mac = macWith(current, kind, fields);
    return this.#peppers.length === 1 ? mac : current.id + SEAL_SEPARATOR + mac;
  }

  isIntact(seal: string, kind: string, fields: readonly SealedField[]): boolean {
    const end = seal.indexOf(SEAL_SEPARATOR);
    const mac = seal.slice(end + 1);
    return this.#peppers.some(
      (pepper) =>
        (end < 0 || seal.slice(0, end) === pepper.id) && areEqual(mac, macWith(pepper, kind, fields)),
    );
  }

  /** With what the seals of the current pepper begin, while there are several. */
  get sealPrefix(): string {
    return this.#required.id + SEAL_SEPARATOR;
  }

  /**
   * The 32 secret bytes of a signing key: another key for each period, and the same for every instance with this pepper. One
   * for each pepper, that of the current one first.
   */
  signingSeeds(period: number): readonly [Uint8Array, ...Uint8Array[]] {
    const current = this.#required;
    const others = this.#peppers.filter((pepper) => pepper !== current);
    const seedOf = ({ bytes }: Pepper) => derive(bytes, 'identity token', String(period));
    return [seedOf(current), ...others.map(seedOf)];
  }

  /** Encrypts with a key derived from the pepper and `passphrase`. `decrypt` needs the same `context`. */
  encrypt(plaintext: string, passphrase: string, context: string): string {
    const iv = randomBytes(IV_BYTES);
    const key = derive(this.#required.bytes, 'replay', passphrase);
    const cipher = createCipheriv(CIPHER, key, iv).setAAD(Buffer.from(context));
    const body = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url');
  }

  /**
   * The inverse of `encrypt`, with any of the peppers. Throws when all peppers, the passphrase, the context or the ciphertext
   * differ.
   */
  decrypt(sealed: string, passphrase: string, context: string): string {
    const bytes = Buffer.from(sealed, 'base64url');
    let failure: unknown;
    for (const pepper of this.#peppers)
      try {
        return decryptWith(derive(pepper.bytes, 'replay', passphrase), bytes, context);
      } catch (error) {
        failure = error;
      }
    throw failure;
  }

  get #required(): Pepper {
    if (this.#current) return this.#current;
    throw new AppError('UNAVAILABLE', { message: 'This instance does not have the current pepper' });
  }
}

function pepperOf(bytes: Uint8Array): Pepper {
  if (bytes.length !== PEPPER_BYTES)
    throw new Error(`A pepper has ${PEPPER_BYTES} bytes, not ${bytes.length}`);
  const id = createHash('sha256')
    .update(derive(bytes, 'fingerprint', ''))
    .digest('base64url')
    .slice(0, 16);
  return { id, bytes, rowKey: derive(bytes, 'row', '') };
}

function digestWith({ bytes }: Pepper, keyText: string): string {
  return createHmac('sha256', bytes).update(keyText).digest('base64url');
}

function macWith({ rowKey }: Pepper, kind: string, fields: readonly SealedField[]): string {
  return createHmac('sha256', rowKey)
    .update(JSON.stringify([kind, ...fields]))
    .digest('base64url');
}

function areEqual(one: string, other: string): boolean {
  const [actual, expected] = [Buffer.from(one), Buffer.from(other)];
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

function decryptWith(key: Uint8Array, bytes: Buffer, context: string): string {
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(context))
    .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
}

/** A key for one purpose (RFC 5869), so that no use of the pepper can be exploited through another one. */
function derive(pepper: Uint8Array, purpose: string, salt: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', pepper, salt, `latchkey ${purpose}`, 32));
}

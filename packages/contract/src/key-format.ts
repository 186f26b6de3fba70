import crc32 from 'crc-32';

/*
 * The format of every secret that Latchkey issues: two labels, 43 random base62 characters (256 bits), and 6 base62
 * characters of CRC-32 over the text before them. The labels of a key are the prefix and the environment of its workspace;
 * the labels of a token name its kind. The checksum rejects mistyped text without a database look-up; it does not prove
 * authenticity. All code that finds, rejects or redacts secrets uses the patterns of this file.
 */

export const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
export const RANDOM_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const LABEL_LENGTH_MAX = 16;
const LENGTH_MAX = 2 * (LABEL_LENGTH_MAX + 1) + RANDOM_LENGTH + CHECKSUM_LENGTH;

/** The labels of each kind of token. */
export const TOKEN_LABELS = {
  session: 'lk_session',
  signin: 'lk_signin',
  invitation: 'lk_invite',
} as const;

export type TokenKind = keyof typeof TOKEN_LABELS;

/** Prefix of the sealed cookie value that a browser stores while a person signs in at the identity provider. */
export const PENDING_PREFIX = 'lk_pending_';

const LABEL = `[a-z][a-z0-9]{0,${LABEL_LENGTH_MAX - 1}}`;
const SECRET = `${LABEL}_${LABEL}_[0-9A-Za-z]{${RANDOM_LENGTH + CHECKSUM_LENGTH}}`;
/** The former format of invitation tokens, without a second label and a checksum. The last expire a week after an upgrade. */
const OLD_INVITATION = `lki_[0-9A-Za-z]{${RANDOM_LENGTH}}`;
const PENDING = `${PENDING_PREFIX}[\\w.-]{${RANDOM_LENGTH},}`;
/**
 * A JWT of an identity provider, which grants access like a key until it expires: three parts, of which the first is an
 * encoded JSON object. It must start at a word boundary, so that a long word is scanned once.
 */
const JWT = '(?<![\\w-])eyJ[\\w-]{8,}\\.[\\w-]{8,}\\.[\\w-]*';

const WHOLE = new RegExp(`^${SECRET}$`);
const WHOLE_OLD_INVITATION = new RegExp(`^${OLD_INVITATION}$`);

/**
 * Finds a secret in a text by the last underscore of its labels. The lookahead runs before the lookbehind for the labels, so
 * that the search takes linear time for every text.
 */
const withLabels = (labels: string, follows: string): string => `_(?=${follows})(?<=${labels}_)`;
const ANYWHERE = new RegExp(
  [
    withLabels(`${LABEL}_${LABEL}`, `[0-9A-Za-z]{${RANDOM_LENGTH + CHECKSUM_LENGTH}}`),
    withLabels('lki', `[0-9A-Za-z]{${RANDOM_LENGTH}}`),
    PENDING,
    JWT,
  ].join('|'),
);

/** The most random characters that may be disclosed: the other 22 still have at least 128 bits of entropy. */
const KNOWN_MAX = 21;
const LABELS = `(?:${LABEL}_${LABEL}|lki)`;
const MUCH = `[0-9A-Za-z]{${KNOWN_MAX + 1},}`;
/** Requires letters of both cases, because names may contain ids, hexadecimal digests and long words. */
const MOST_ANYWHERE = new RegExp(withLabels(LABELS, `(?=[0-9a-z]*[A-Z])(?=[0-9A-Z]*[a-z])${MUCH}`));
const PENDINGS = new RegExp(`${PENDING_PREFIX}[\\w.-]{${KNOWN_MAX + 1},}`, 'g');
const MOSTS = new RegExp(withLabels(LABELS, MUCH) + MUCH, 'g');
const JWTS = new RegExp(JWT, 'g');

/** Builds a secret from its labels and 43 random characters of `BASE62`, and appends the checksum. */
export function secretText(labels: string, randomText: string): string {
  const text = `${labels}_${randomText}`;
  return text + checksum(text);
}

/** Does the text have the format of a key, with a valid checksum? False for tokens. */
export function isKeyText(text: string): boolean {
  return isSecret(text) && !Object.values(TOKEN_LABELS).some((labels) => text.startsWith(`${labels}_`));
}

/** Does the text have the format of a token of this kind, with a valid checksum? Old invitation tokens have no checksum. */
export function isToken(kind: TokenKind, text: string): boolean {
  if (kind === 'invitation' && WHOLE_OLD_INVITATION.test(text)) return true;
  return text.startsWith(`${TOKEN_LABELS[kind]}_`) && isSecret(text);
}

/** The part of a secret that is safe to show: `lk_live_…q3Xa`. */
export function hintOf(secret: string): string {
  return `${secret.slice(0, secret.lastIndexOf('_') + 1)}…${secret.slice(-4)}`;
}

/** Does the text contain anything in the format of a secret? The checksum is not verified. */
export function containsSecret(text: string): boolean {
  return ANYWHERE.test(text);
}

/** Like `containsSecret`, but also true for a fragment of a secret that is long enough to guess the rest. */
export function containsMostOfSecret(text: string): boolean {
  return containsSecret(text) || MOST_ANYWHERE.test(text);
}

/** Replaces every secret, and every fragment long enough to guess the rest, by its labels and `…`. */
export function redactSecrets(text: string): string {
  return text.replaceAll(PENDINGS, `${PENDING_PREFIX}…`).replaceAll(MOSTS, '_…').replaceAll(JWTS, 'eyJ…');
}

function isSecret(text: string): boolean {
  if (text.length > LENGTH_MAX || !WHOLE.test(text)) return false;
  return text.endsWith(checksum(text.slice(0, -CHECKSUM_LENGTH)));
}

function checksum(ascii: string): string {
  let rest = crc32.bstr(ascii) >>> 0;
  let digits = '';
  for (let place = 0; place < CHECKSUM_LENGTH; place++) {
    digits = BASE62.charAt(rest % BASE62.length) + digits;
    rest = Math.floor(rest / BASE62.length);
  }
  return digits;
}

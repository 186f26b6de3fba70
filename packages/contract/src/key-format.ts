import crc32 from 'crc-32';

/*
 * The form of every secret that Latchkey issues: two labels, 43 random base62 characters (256 bits), and 6 base62
 * characters of CRC-32 over all before. The labels of a key are the prefix and the environment of its workspace; those of
 * a token say what it opens. The checksum tells a secret from look-alikes without a look-up; it proves nothing about
 * authenticity. Everything that finds, denies or redacts secrets takes their form from here.
 */

export const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
export const RANDOM_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const LABEL_LENGTH_MAX = 16;
const LENGTH_MAX = 2 * (LABEL_LENGTH_MAX + 1) + RANDOM_LENGTH + CHECKSUM_LENGTH;

/** The labels of tokens, by what they open. */
export const TOKEN_LABELS = {
  session: 'lk_session',
  signin: 'lk_signin',
  invitation: 'lk_invite',
} as const;

export type TokenKind = keyof typeof TOKEN_LABELS;

/** In front of what the browser keeps, sealed, while a person signs in at the identity provider. */
export const PENDING_PREFIX = 'lk_pending_';

const LABEL = `[a-z][a-z0-9]{0,${LABEL_LENGTH_MAX - 1}}`;
const SECRET = `${LABEL}_${LABEL}_[0-9A-Za-z]{${RANDOM_LENGTH + CHECKSUM_LENGTH}}`;
/** Invitation tokens until now: without a second label and a checksum. The last of them expire a week after an upgrade. */
const OLD_INVITATION = `lki_[0-9A-Za-z]{${RANDOM_LENGTH}}`;
const PENDING = `${PENDING_PREFIX}[\\w.-]{${RANDOM_LENGTH},}`;
/**
 * A token of an identity provider, which is as good as a key as long as it lasts: three parts, of which the first begins
 * a JSON object. Not in the middle of a word, so that a long word is looked at once.
 */
const JWT = '(?<![\\w-])eyJ[\\w-]{8,}\\.[\\w-]{8,}\\.[\\w-]*';

const WHOLE = new RegExp(`^${SECRET}$`);
const WHOLE_OLD_INVITATION = new RegExp(`^${OLD_INVITATION}$`);

/**
 * Finds a secret in a text by the last underscore of its labels. What follows is looked at first and the labels after it, so
 * that the search takes time in proportion to the text, whatever the text is.
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

/** So many of the random characters may be known to others: what is left to guess still has 128 bits. */
const KNOWN_MAX = 21;
const LABELS = `(?:${LABEL}_${LABEL}|lki)`;
const MUCH = `[0-9A-Za-z]{${KNOWN_MAX + 1},}`;
/** Only what has letters of both cases: names may have ids, digests in hex and long words. */
const MOST_ANYWHERE = new RegExp(withLabels(LABELS, `(?=[0-9a-z]*[A-Z])(?=[0-9A-Z]*[a-z])${MUCH}`));
const PENDINGS = new RegExp(`${PENDING_PREFIX}[\\w.-]{${KNOWN_MAX + 1},}`, 'g');
const MOSTS = new RegExp(withLabels(LABELS, MUCH) + MUCH, 'g');
const JWTS = new RegExp(JWT, 'g');

/** The text of a secret with these labels, from 43 random characters of `BASE62`. */
export function secretText(labels: string, randomText: string): string {
  const text = `${labels}_${randomText}`;
  return text + checksum(text);
}

/** Has the text the form of a key, its checksum included? False for tokens and everything that cannot be a key. */
export function isKeyText(text: string): boolean {
  return isSecret(text) && !Object.values(TOKEN_LABELS).some((labels) => text.startsWith(`${labels}_`));
}

/** Has the text the form of a token of this kind, its checksum included? An old invitation token has none. */
export function isToken(kind: TokenKind, text: string): boolean {
  if (kind === 'invitation' && WHOLE_OLD_INVITATION.test(text)) return true;
  return text.startsWith(`${TOKEN_LABELS[kind]}_`) && isSecret(text);
}

/** What may be shown of a secret: `lk_live_…q3Xa`. */
export function hintOf(secret: string): string {
  return `${secret.slice(0, secret.lastIndexOf('_') + 1)}…${secret.slice(-4)}`;
}

/** Is there anything in the text that looks like a secret, true or not? */
export function containsSecret(text: string): boolean {
  return ANYWHERE.test(text);
}

/** As `containsSecret`, or so much of a secret that the rest can be guessed. */
export function containsMostOfSecret(text: string): boolean {
  return containsSecret(text) || MOST_ANYWHERE.test(text);
}

/** The text with all that looks like a secret, or like enough of one to guess the rest, replaced by its labels and `…`. */
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

import { customAlphabet } from 'nanoid';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const RANDOM_LENGTH = 43;
const FORM = new RegExp(`^lki_[0-9A-Za-z]{${RANDOM_LENGTH}}$`);

const randomText = customAlphabet(BASE62, RANDOM_LENGTH);

/** A new token: `lki_` and 256 bits from the system's generator. */
export function generateInvitationToken(): string {
  return `lki_${randomText()}`;
}

/** False for everything that cannot be a token of ours. */
export function isInvitationToken(text: string): boolean {
  return FORM.test(text);
}

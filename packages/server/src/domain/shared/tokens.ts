import { BASE62, isToken, RANDOM_LENGTH, secretText, TOKEN_LABELS } from '@latchkey/contract';
import { customAlphabet } from 'nanoid';

const randomText = customAlphabet(BASE62, RANDOM_LENGTH);

/** A new secret with these labels and 256 bits from the system's generator. */
function randomSecret(labels: string): string {
  return secretText(labels, randomText());
}

/** A new invitation token. */
export function generateInvitationToken(): string {
  return randomSecret(TOKEN_LABELS.invitation);
}

/** False if the text does not have the form of an invitation token. */
export function isInvitationToken(text: string): boolean {
  return isToken('invitation', text);
}

/** A new token of a session or of a sign-in link. */
export function generateToken(kind: 'session' | 'signin'): string {
  return randomSecret(TOKEN_LABELS[kind]);
}

/** The text of a new key. */
export function generateKeyText(prefix: string, environment: string): string {
  return randomSecret(`${prefix}_${environment}`);
}
